# The corrected twin of stock.ex: the agent itself adds, in one request.
defmodule StockFixed do
  def main do
    {:ok, stock} = Agent.start_link(fn -> 0 end)
    # The second lorry is unloaded more slowly.
    lorries = [[10], [25, 25, 50]]
    tasks = for boxes <- lorries, do: Task.async(fn -> deliver(stock, Enum.sum(Enum.map(boxes, &unpack/1))) end)
    Task.await_many(tasks)

    case Agent.get(stock, & &1) do
      110 -> IO.puts("110, as it should be")
      count -> raise "a delivery is lost: #{count}"
    end
  end

  defp unpack(box), do: Task.await(Task.async(fn -> box end))

  defp deliver(stock, n), do: Agent.update(stock, &(&1 + n))
end

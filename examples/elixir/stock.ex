# A lost update over an Agent: each client gets the count, and then updates it with what it makes of it.
#
# Agent.get and Agent.update are two requests, and another client's may come between them: production sells the last
# item twice. The check at the end fails if a delivery is lost. Twin: stock_fixed.ex.
defmodule Stock do
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

  defp deliver(stock, n) do
    count = Agent.get(stock, & &1)
    Agent.update(stock, fn _ -> count + n end)
  end
end

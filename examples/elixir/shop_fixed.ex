# The corrected twin of shop.ex: an item that somebody else has just started is as good.
defmodule ShopFixed.Item do
  use GenServer

  def start_link(name), do: GenServer.start_link(__MODULE__, 3, name: via(name))
  def buy(item), do: GenServer.call(item, :buy)

  def via(name), do: {:via, Registry, {ShopFixed.Names, name}}

  @impl true
  def init(left), do: {:ok, left}

  @impl true
  def handle_call(:buy, _from, 0), do: {:reply, :sold_out, 0}
  def handle_call(:buy, _from, left), do: {:reply, :sold, left - 1}
end

defmodule ShopFixed do
  def main do
    children = [
      {Registry, keys: :unique, name: ShopFixed.Names, partitions: 2},
      {DynamicSupervisor, name: ShopFixed.Items}
    ]

    {:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
    bought = Task.async_stream(1..4, fn _ -> ShopFixed.Item.buy(item("tea")) end, max_concurrency: 4)
    frequencies = bought |> Enum.map(fn {:ok, answer} -> answer end) |> Enum.frequencies()
    IO.inspect(frequencies)
    %{sold: 3, sold_out: 1} = frequencies
  end

  defp item(name) do
    case Registry.lookup(ShopFixed.Names, name) do
      [{item, _}] ->
        item

      [] ->
        case DynamicSupervisor.start_child(ShopFixed.Items, {ShopFixed.Item, name}) do
          {:ok, item} -> item
          {:error, {:already_started, item}} -> item
        end
    end
  end
end

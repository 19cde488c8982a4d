# A shop with one process for each item: a DynamicSupervisor starts it when it is first asked for, and a Registry finds
# it. Two customers who ask for a new item at the same time both find nobody, and the second start is refused; this shop
# does not expect that. Twin: shop_fixed.ex.
defmodule Shop.Item do
  use GenServer

  def start_link(name), do: GenServer.start_link(__MODULE__, 3, name: via(name))
  def buy(item), do: GenServer.call(item, :buy)

  def via(name), do: {:via, Registry, {Shop.Names, name}}

  @impl true
  def init(left), do: {:ok, left}

  @impl true
  def handle_call(:buy, _from, 0), do: {:reply, :sold_out, 0}
  def handle_call(:buy, _from, left), do: {:reply, :sold, left - 1}
end

defmodule Shop do
  def main do
    children = [
      {Registry, keys: :unique, name: Shop.Names, partitions: 2},
      {DynamicSupervisor, name: Shop.Items}
    ]

    {:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
    bought = Task.async_stream(1..4, fn _ -> Shop.Item.buy(item("tea")) end, max_concurrency: 4)
    frequencies = bought |> Enum.map(fn {:ok, answer} -> answer end) |> Enum.frequencies()
    IO.inspect(frequencies)
    %{sold: 3, sold_out: 1} = frequencies
  end

  defp item(name) do
    case Registry.lookup(Shop.Names, name) do
      [{item, _}] ->
        item

      [] ->
        {:ok, item} = DynamicSupervisor.start_child(Shop.Items, {Shop.Item, name})
        item
    end
  end
end

# Elixir's own libraries in use: what `elixir -e "Tour.main()"` writes, warpbeam writes too, in both modes.
#
# Every line is decided by the program alone: nothing is written by two processes at once.

defmodule Tour.Counter do
  use GenServer

  def start_link(options), do: GenServer.start_link(__MODULE__, options[:from], name: options[:name])
  def next(server), do: GenServer.call(server, :next)
  def crash(server), do: GenServer.cast(server, :crash)

  @impl true
  def init(from), do: {:ok, from, {:continue, :double}}

  @impl true
  def handle_continue(:double, n), do: {:noreply, n * 2}

  @impl true
  def handle_call(:next, _from, n), do: {:reply, n, n + 1}

  @impl true
  def handle_cast(:crash, n), do: {:stop, {:shutdown, :asked}, n}

  @impl true
  def handle_info({:add, by}, n), do: {:noreply, n + by}
end

defmodule Tour.Shape do
  @enforce_keys [:kind]
  defstruct [:kind, size: 1]
end

defmodule Tour.Lost do
  defexception [:what]

  @impl true
  def message(%{what: what}), do: "lost: #{what}"
end

defprotocol Tour.Area do
  @fallback_to_any true
  def of(shape)
end

defimpl Tour.Area, for: Tour.Shape do
  def of(%{size: size}), do: size * size
end

defimpl Tour.Area, for: Any do
  def of(_), do: :none
end

defimpl Inspect, for: Tour.Lost do
  def inspect(%{what: what}, _), do: "#Lost<#{what}>"
end

defimpl String.Chars, for: Tour.Shape do
  def to_string(%{kind: kind}), do: "a #{kind}"
end

defmodule Tour do
  alias Tour.{Area, Counter, Lost, Shape}
  require Logger

  @parts ~w(text collections numbers structs failures times servers agents tasks registry supervisors streams)a

  def main do
    Enum.each(@parts, &main/1)
    IO.puts("done")
  end

  def main(part) do
    IO.puts("-- #{part}")
    apply(__MODULE__, part, [])
  end

  def text do
    show(String.upcase("straße ǆ"))
    show(String.capitalize("élan VITAL"))
    show(String.split(" a  b c ", " ", trim: true))
    show(String.graphemes("e\u0301🇩🇪👩‍👩‍👧x"))
    show(String.length("naïve 👩‍👩‍👧"))
    show(String.reverse("e\u0301ab"))
    show(String.normalize("e\u0301", :nfc) == "é")
    show(String.replace("a-b-c", ~r/[-](\w)/, "<\\1>"))
    show(Regex.named_captures(~r/(?<year>\d+)-(?<month>\d+)/, "on 2024-05"))
    show(Regex.scan(~r/\w+@\w+/u, "ä@b, c@d"))
    show(String.jaro_distance("Dwayne", "Duane"))
    show(String.pad_leading("7", 3, "0") <> String.slice("abcdef", 1..-2))
    show(String.to_integer("ff", 16))
    show(String.myers_difference("fox hops", "fox jumps"))
    show({"bin\0", <<255, 1>>, 'list', [1, 2 | 3], :"odd atom", nil, ?a, 1.0e30, "q\"uote\n"})
    show(inspect(Enum.to_list(1..100), limit: 5))
    show(inspect(%{"a" => [x: 1], b: 1}, pretty: true, width: 10))
    show(:io_lib.format("~p ~s ~5.2f", [[:a], "x", 3.14159]))
    show(Base.encode64("warp") <> Base.encode16(<<1, 254>>) <> Base.url_encode64("??>"))
    show(Base.decode32("MFRGG==="))
    show(URI.parse("http://a.b:80/c?d=e#f"))
    show(URI.encode_query(%{"a b" => "ü"}))
    show(OptionParser.parse(["--n", "3", "-v", "x"], strict: [n: :integer, v: :boolean], aliases: [v: :v]))
    show(Version.compare("1.2.3-rc.1", "1.2.3"))
    show(List.to_string(["a", ?b, ["ü"]]) |> String.to_charlist())
    IO.write(["io", ?-, "data", "\n"])
  end

  def collections do
    show(Enum.group_by(1..9, &rem(&1, 3)))
    show(Enum.sort_by(["bb", "a", "ccc"], &String.length/1, :desc))
    show(Enum.reduce_while(1..100, 0, fn x, sum -> if sum > 20, do: {:halt, sum}, else: {:cont, sum + x} end))
    show(Enum.chunk_every([1, 2, 3, 4, 5], 2, 1, :discard))
    show(Enum.zip_with([[1, 2], [3, 4]], fn [a, b] -> a * b end))
    show(Enum.frequencies(~w(a b a)) |> Map.update("a", 0, &(&1 + 1)))
    show(for {k, v} <- %{a: 1, b: 2}, v > 1, into: %{}, do: {v, k})
    show(for <<b <- "abc">>, reduce: 0, do: (n -> n + b))
    show(MapSet.new([3, 1, 3]) |> MapSet.union(MapSet.new([2])))
    show(Keyword.merge([a: 1, b: 2], b: 3))
    show(get_in(%{a: [%{b: 1}, %{b: 2}]}, [:a, Access.all(), :b]))
    show(update_in(%{a: %{b: 1}}.a.b, &(&1 + 1)))
    show(Enum.map_join(Range.new(10, 1, -3), ",", &to_string/1))
    show(Enum.into(1..3, [], &{&1, &1}))
    show(List.flatten([1, [2, [3]]]) |> List.insert_at(1, :x))
    show(:queue.to_list(:queue.in(2, :queue.from_list([1]))))
    show(Map.new(1..40, &{&1, &1}) |> Map.take([1, 40]))
    :rand.seed(:exsss, {1, 2, 3})
    show(Enum.shuffle(1..8))
    show(Enum.take_random(1..100, 3))
  end

  def numbers do
    show({Integer.digits(1234), Integer.gcd(12, 18), Integer.pow(3, 50), Integer.to_string(255, 2)})
    show({Float.round(2.675, 2), Float.ratio(0.75), Float.parse("1.5x"), 7 / 2, div(-7, 2), rem(-7, 2)})
    show({Bitwise.bxor(12, 10), :math.pow(2, 0.5), trunc(-1.5), Integer.floor_div(-7, 2)})
    show(<<3.5::float-32, 1::little-16, "é"::utf16>>)
  end

  def structs do
    shape = %Shape{kind: :square, size: 3}
    show(shape)
    show({Area.of(shape), Area.of(1), "#{shape}"})
    show(%Lost{what: :key})
    show(Map.from_struct(%{shape | size: 4}))
    show({Area.impl_for(shape), Enumerable.impl_for([])})
    show(struct(Shape, kind: :x))
  end

  def failures do
    fails(fn -> raise "plain" end)
    fails(fn -> raise Lost, what: "key" end)
    fails(fn -> String.to_integer(Process.get(:none, "x")) end)
    fails(fn -> Map.fetch!(%{a: 1}, Process.get(:none, :b)) end)
    fails(fn -> Process.get(:none, 1) + Process.get(:none, :a) end)
    fails(fn -> Access.get(Process.get(:none, 1), :a) end)
    fails(fn -> Process.get(:none, Tour).no_such(1) end)
    fails(fn -> hd(Process.get(:none, [])) end)
    fails(fn -> 1 = Process.get(:none, 2) end)
    fails(fn -> Process.get(:none, fn x -> x end).() end)
    fails(fn -> case Process.get(:none, 3), do: (4 -> 5) end)
    fails(fn -> Enum.fetch!([1], 7) end)
    fails(fn -> %Shape{} = Process.get(:none, %{}) end)
    fails(fn -> throw(:ball) end)
    fails(fn -> exit({:noproc, {GenServer, :call, [:none, :x, 5000]}}) end)
    fails(fn -> GenServer.call(:nobody, :hello) end)
    fails(fn -> :ets.insert(:no_table, {1}) end)
    fails(fn -> :erlang.binary_to_term("bad") end)
    fails(fn -> only_small(12) end)
    fails(fn -> Enum.count(5) end)
    fails(fn -> apply(:nowhere, :go, []) end)
    show(with {:ok, x} <- Map.fetch(%{a: 1}, :b), do: x)

    try do
      raise "after"
    rescue
      e in RuntimeError -> show(e)
    else
      _ -> show(:never)
    after
      show(:after)
    end
  end

  defp only_small(n) when n < 10, do: n

  defp fails(work) do
    work.()
    IO.puts("did not fail")
  catch
    kind, reason ->
      IO.puts(Exception.format_banner(kind, reason, __STACKTRACE__))
      # What is blamed, without the arities and lines that differ between releases.
      {blamed, _} = Exception.blame(kind, reason, __STACKTRACE__)
      if kind == :error, do: IO.puts("  " <> (Exception.message(blamed) |> String.split("\n") |> hd()))
  end

  def times do
    show(~D[2024-02-28] |> Date.add(2) |> Date.day_of_week())
    show(DateTime.diff(~U[2024-03-01 00:00:00Z], ~U[2024-02-28 23:59:00Z]))
    show(Date.range(~D[2024-01-30], ~D[2024-02-02]) |> Enum.map(&Date.to_string/1))
    show(NaiveDateTime.add(~N[2023-12-31 23:59:59.5], 1))
    show(Calendar.strftime(~U[2024-03-01 13:05:00Z], "%a %d %B %I:%M %p"))
    show(DateTime.from_unix!(1_700_000_000))
    show(Time.truncate(~T[12:00:01.123456], :millisecond))
    show(DateTime.from_iso8601("2024-03-01T10:00:00+02:00"))
    show(System.monotonic_time() <= System.monotonic_time())
    show(DateTime.utc_now().year > 1969)
  end

  def servers do
    {:ok, counter} = Counter.start_link(from: 5, name: Tour.Named)
    show({Counter.next(Tour.Named), Counter.next(counter)})
    send(counter, {:add, 100})
    show(Counter.next(counter))
    show(:sys.get_state(counter))
    Process.unlink(counter)
    reference = Process.monitor(counter)
    Counter.crash(counter)

    receive do
      {:DOWN, ^reference, :process, _, reason} -> show(reason)
    end

    show(Process.whereis(Tour.Named))
    show(catch_exit(fn -> GenServer.call(counter, :next) end) |> elem(0))
    timer = Process.send_after(self(), :tick, 5)
    show(is_integer(Process.read_timer(timer)))

    receive do
      :tick -> show(:tick)
    after
      5000 -> show(:no_tick)
    end
  end

  defp catch_exit(work) do
    work.()
  catch
    :exit, reason -> reason
  end

  def agents do
    {:ok, agent} = Agent.start_link(fn -> %{} end)
    Agent.update(agent, &Map.put(&1, :a, 1))
    show(Agent.get_and_update(agent, &Map.pop(&1, :a)))
    Agent.cast(agent, Map, :put, [:b, 2])
    show(Agent.get(agent, & &1))
    show(Agent.stop(agent))
    show(Process.alive?(agent))
  end

  def tasks do
    show(Task.await(Task.async(fn -> Enum.sum(1..10) end)))
    stream = Task.async_stream(1..6, fn n -> n * n end, max_concurrency: 3, ordered: true)
    show(Enum.to_list(stream))
    show(Task.await_many(for n <- 1..3, do: Task.async(fn -> n end)))
    {:ok, supervisor} = Task.Supervisor.start_link()
    show(Task.Supervisor.async_stream(supervisor, [1, 2], Integer, :to_string, []) |> Enum.to_list())
    task = Task.Supervisor.async_nolink(supervisor, fn -> exit({:shutdown, :early}) end)
    show(Task.yield(task, 5000))
    slow = Task.async(fn -> Process.sleep(:infinity) end)
    show({Task.yield(slow, 1), Task.shutdown(slow, :brutal_kill)})
    show(Enum.count(Task.Supervisor.children(supervisor)))
    Supervisor.stop(supervisor)
  end

  def registry do
    {:ok, registry} = Registry.start_link(keys: :unique, name: Tour.Names, partitions: 2)
    name = {:via, Registry, {Tour.Names, "counter", :value}}
    {:ok, counter} = Counter.start_link(from: 1, name: name)
    show(Counter.next(name))
    show(Registry.lookup(Tour.Names, "counter") == [{counter, :value}])
    show(Counter.start_link(from: 1, name: name) == {:error, {:already_started, counter}})
    {:ok, _} = Registry.register(Tour.Names, "mine", 1)
    show(Registry.update_value(Tour.Names, "mine", &(&1 + 1)))
    show(Registry.keys(Tour.Names, self()))
    show(Registry.count(Tour.Names))
    show(Registry.select(Tour.Names, [{{:"$1", :_, :_}, [], [:"$1"]}]) |> Enum.sort())
    {:ok, _} = Registry.start_link(keys: :duplicate, name: Tour.Topics, partitions: 2)
    {:ok, _} = Registry.register(Tour.Topics, "news", :a)
    {:ok, _} = Registry.register(Tour.Topics, "news", :b)
    Registry.dispatch(Tour.Topics, "news", fn all -> for {pid, tag} <- all, do: send(pid, {:news, tag}) end)
    show(for tag <- [:a, :b], do: (receive do: ({:news, ^tag} -> tag)))
    show(Registry.unregister(Tour.Topics, "news"))
    GenServer.stop(counter)
    # The registry hears of the end of the process some time later.
    show(eventually(fn -> Registry.lookup(Tour.Names, "counter") == [] end))
    Registry.unregister(Tour.Names, "mine")
    Supervisor.stop(registry)
  end

  def supervisors do
    children = [
      Supervisor.child_spec({Counter, from: 1, name: :first}, id: :first, restart: :permanent),
      {Agent, fn -> :state end},
      {DynamicSupervisor, name: Tour.Dynamic, strategy: :one_for_one}
    ]

    {:ok, supervisor} = Supervisor.start_link(children, strategy: :one_for_one)
    show(Supervisor.count_children(supervisor))
    old = Process.whereis(:first)
    Counter.crash(:first)
    show(eventually(fn -> Process.whereis(:first) not in [nil, old] end))
    show(Counter.next(:first))
    {:ok, child} = DynamicSupervisor.start_child(Tour.Dynamic, {Counter, from: 9, name: :dynamic})
    show(Counter.next(:dynamic))
    show(DynamicSupervisor.count_children(Tour.Dynamic))
    show(DynamicSupervisor.terminate_child(Tour.Dynamic, child))
    show(DynamicSupervisor.which_children(Tour.Dynamic))
    show(for {id, _, type, modules} <- Supervisor.which_children(supervisor), do: {id, type, modules})
    show(Supervisor.terminate_child(supervisor, Agent))
    show(Supervisor.delete_child(supervisor, Agent))
    show(Supervisor.stop(supervisor))
    {:ok, partitions} = PartitionSupervisor.start_link(child_spec: {Agent, fn -> 7 end}, name: Tour.Parts, partitions: 2)
    show(Agent.get({:via, PartitionSupervisor, {Tour.Parts, 3}}, & &1))
    Supervisor.stop(partitions)
  end

  defp eventually(holds?, left \\ 200) do
    cond do
      holds?.() -> true
      left == 0 -> false
      true -> Process.sleep(5) && eventually(holds?, left - 1)
    end
  end

  def streams do
    show(Stream.iterate(1, &(&1 * 2)) |> Stream.filter(&(rem(&1, 3) == 1)) |> Enum.take(4))
    show(Stream.resource(fn -> 3 end, fn 0 -> {:halt, 0}; n -> {[n], n - 1} end, fn _ -> :ok end) |> Enum.to_list())
    show(Stream.zip(1..3, Stream.cycle([:a, :b])) |> Stream.with_index() |> Enum.to_list())
    show(Stream.chunk_while(1..5, [], &chunk/2, fn acc -> {:cont, acc, []} end) |> Enum.to_list())
    show(Stream.unfold(5, fn 0 -> nil; n -> {n, n - 1} end) |> Enum.sum())
    {:ok, device} = StringIO.open("one\ntwo\n")
    show(IO.stream(device, :line) |> Enum.map(&String.trim/1))
    IO.write(device, "written")
    show(StringIO.contents(device))
  end

  defp chunk(n, acc) when rem(n, 2) == 0, do: {:cont, Enum.reverse([n | acc]), []}
  defp chunk(n, acc), do: {:cont, [n | acc]}

  defp show(term), do: IO.inspect(term, width: 100)
end

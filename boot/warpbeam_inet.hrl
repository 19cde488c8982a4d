%% What a socket's process knows.

%% Bytes that a program can ask for at once.
-define(LENGTH_MAX, 16#4000000).

%% Those of the options that the kernel does not know.
-record(options, {
    mode = list,
    packet = 0,
    header = 0,
    buffer = 1460,
    packet_size = 0,
    line_delimiter = $\n,
    exit_on_close = true,
    deliver = term,
    high_watermark = 8192,
    low_watermark = 4096,
    high_msgq_watermark = 8192,
    low_msgq_watermark = 4096,
    send_timeout = infinity,
    send_timeout_close = false,
    delay_send = false,
    show_econnreset = false,
    read_packets = 5
}).

-record(socket, {
    owner,
    protocol,
    family,
    type,
    fd,
    %% The descriptor of the listener whose next connection this is to be.
    listener = none,
    %% new, open, accepting, connecting, listening, connected, closed.
    status = new,
    bound = false,
    %% true, once, a count, false.
    active = true,
    options,
    %% Who waits for the operation `connecting`, and whether no longer.
    waiter = none,
    connecting = none,
    late = false,
    %% The operation that reads, what it has brought, who wants it, and how the stream has ended.
    reading = none,
    %% Whether others may read in this process's place, and have what `reading` and `active` say.
    lent = false,
    input = <<>>,
    readers = [],
    eof = none,
    %% The headers of a message of HTTP come next.
    headers = false,
    %% Datagrams that came when nobody wanted them any more.
    kept = [],
    %% The operation that sends, what waits behind it, newest first, how much that is with what is being sent, who
    %% waits until there is room, who until all is sent, and what is to be shut then.
    sending = none,
    output = [],
    output_size = 0,
    senders = [],
    flushers = [],
    shut = none,
    %% What somebody met who sent in this process's place: the kernel says it once.
    failed = none,
    %% Whether somebody has learnt that the stream is closed.
    recv_told = false,
    send_told = false,
    recv_oct = 0,
    recv_cnt = 0,
    recv_max = 0,
    send_oct = 0,
    send_cnt = 0,
    send_max = 0
}).

%% Regular expressions, one match at a time: patterns, options, what is
%% captured and how it is given, errors.
-module(c_re).
-include("conform.hrl").

main() ->
    [{matches, map(fun({P, S}) -> c(fun() -> re:run(S, P, []) end) end, matches())},
     {options, map(fun({P, S, O}) -> {O, c(fun() -> re:run(S, P, O) end), compiled(P, S, O)} end, options())},
     {captures, map(fun(C) -> [c(fun() -> re:run("xac", "(?<n>a)(b)?(?<a>c)(d)?", [C]) end), c(fun() -> re:run("xb", "b", [C]) end)] end, captures())},
     {unicode, map(fun({P, S, O}) -> c(fun() -> re:run(S, P, [unicode | O]) end) end, unicode())},
     {classes, map(fun(C) -> {C, members(["[[:", atom_to_list(C), ":]]"], [], 0)} end, [space, digit, xdigit, upper, lower, word, alpha, alnum, graph, print, punct, cntrl, blank, ascii])},
     {types, map(fun(P) -> members(P, [], 0) end, ["\\w", "\\s", "\\d", "\\h", "\\v"])},
     {cases, map(fun(X) -> members(["\\x", hex(X bsr 4), hex(X band 15)], [caseless], 0) end, seq(0, 255))},
     {refused, map(fun(P) -> c(fun() -> re:compile(P) end) end, refused())},
     {bad, map(fun(F) -> c(F) end, bad())}].

%% The same with options that belong to the pattern given first.
compiled(P, S, O) ->
    c(fun() -> {ok, R} = re:compile(P, O), re:run(S, R) end).

matches() ->
    [{"(a)|b", "b"}, {"(a+)(b*)", "xaab"}, {"(?i)ABC", "xabc"}, {"^b$", "a\nb"}, {"(?m)^b$", "a\nb"}, {"a.c", "a\nc"}, {"(?s)a.c", "a\nc"},
     {"(a|ab)(c|bcd)(d*)", "abcd"}, {"(?>a+)b", "aaab"}, {"(?<=a)b", "ab"}, {"\\bfoo\\b", "a foo b"}, {"(\\w+)\\s\\1", "hello hello"}, {"(?|(a)|(b))", "b"},
     {"\\R", "\r\n"}, {"a{2,3}?", "aaaa"}, {"[[:alpha:]]+", "12ab"}, {"(a(?1)?b)", "aabb"}, {"(?<!a)b", "cb"}, {"a(*COMMIT)b", "aac"}, {"(a)?(b)?(c)?", "ac"},
     {"\\h+", "a  b"}, {"\\N+", "ab\n"}, {"a++a", "aaa"}, {"(?:(a)|b)*", "ab"}, {"(a*)*", "b"}, {"^(a|b|(c))*$", "abc"}, {"(?=(a+))a*b\\1", "baaabac"}, {"[^a]", "\n"},
     {"\\d+(?=%)", "100%"}, {"(?x) a b # c", "ab"}, {"", ""}, {"", "abc"}, {"x*", "axx"}, {"$", "a\n"}, {"\\z", "a\n"}, {"\\Z", "a\n"}, {"\\A", "a"}, {"(?<year>\\d{4})-(?<m>\\d\\d)", "on 2024-05-06"},
     {"[a-c]{2}", "xabx"}, {"[]a]+", "]a"}, {"[^]a]+", "]ab"}, {"a|b|c|", "d"}, {"(a|b)*c|(a|ab)*c", "abc"}, {"\\Qa.b\\E+", "a.bb"}, {"\\x41\\101", "AA"}, {"\\t\\e\\a\\f\\n\\r", "\t\e\a\f\n\r"},
     {"(?(?=a)ab|cd)", "cd"}, {"(a)?(?(1)b|c)", "xc"}, {"(?i:a)b", "Ab"}, {"(?-i)a", "A"}, {"a(?#comment)b", "ab"}, {"\\S+", "  ab "}, {"\\D\\d", "a1"}, {"\\V\\v", "a\n"}, {<<"bin">>, <<"a bin">>}, {["io", [<<"li">>, $s], "t"], [[$i, "o"], <<"list">>]},
     {"((((a))))", "a"}, {"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10", "abcdefghijj"}, {"^(?:a?){8}a{8}$", "aaaaaaaa"}, {"(.*)\\.(.*)", "a.b.c"}, {"(.*?)\\.(.*)", "a.b.c"}, {[255], [0, 255]}, {"\\xff", [255]}, {"[\\xf0-\\xff]", [255]}].

options() ->
    [{"b", "ABC", [caseless]}, {"b", "ab", [anchored]}, {"a", "ab", [anchored]}, {"a$", "a\n", []}, {"a$", "a\n", [dollar_endonly]}, {"a.b", "a\nb", [dotall]}, {"a b#c", "ab", [extended]}, {"b", "a\nb", [firstline]}, {"^b", "a\nb", [multiline]}, {"a$", "a\nb", [multiline]},
     {"(a)(?<x>b)", "ab", [no_auto_capture]}, {"(?<x>a)|(?<x>b)", "b", [dupnames]}, {"a+", "aaa", [ungreedy]}, {"a+?", "aaa", [ungreedy]}, {"a.b", "a\rb", [{newline, cr}]}, {"a.b", "a\rb", [{newline, lf}]}, {"a.b", "a\r\nb", [{newline, crlf}]}, {"a..b", "a\r\nb", [{newline, crlf}]}, {"^b", "a\rb", [multiline, {newline, anycrlf}]}, {"^b", [$a, 16#85, $b], [multiline, {newline, any}]},
     {"a\\Rb", [$a, 11, $b], [bsr_anycrlf]}, {"a\\Rb", [$a, 11, $b], [bsr_unicode]}, {"a", "a", [notbol]}, {"^a", "a", [notbol]}, {"a$", "a", [noteol]}, {"a*", "b", [notempty]}, {"a*", "ba", [notempty]}, {"a*", "ba", [notempty_atstart]}, {"", "a", [notempty_atstart]}, {"a", "aXa", [{offset, 1}]}, {"^a", "aa", [{offset, 1}]}, {"(?<=a)b", "ab", [{offset, 1}]}, {"a", "a", [{offset, 1}]}, {"", "a", [{offset, 1}]},
     {"(a+)*[cd]", "aaaaaaaaaaaaaaaaaaaaaaaab", [{match_limit, 10}]}, {"(a+)*[cd]", "aaaaaaaaaaaaaaaaaaaaaaaab", [{match_limit, 10}, report_errors]}, {"(", "a", [report_errors]}, {"a", "a", [report_errors]}, {"a", "a", [no_start_optimize]}, {"\\w", [233], [ucp]}, {"\\w", [233], []}, {"a", "b", [never_utf]}].

captures() ->
    Whats = [all, first, all_but_first, all_names, none, [], [0], [2, 1], [0, 1, 2, 3, 4, 5], [n], ["a", <<"n">>], [nn, 0], [0, n, "zz"]],
    map(fun(W) -> {capture, W} end, Whats) ++ pairs(Whats, [index, list, binary])
    ++ [{capture, foo}, {capture, [-1]}, {capture, [{x}]}, {capture, all, foo}, {capture, [1 | 2]}, {capture}].

pairs([], _) -> [];
pairs([W | Ws], Ts) -> map(fun(T) -> {capture, W, T} end, Ts) ++ pairs(Ws, Ts).

unicode() ->
    [{<<"é"/utf8>>, <<"aéb"/utf8>>, []}, {<<"(.)b">>, <<"aéb"/utf8>>, [{capture, all, list}]}, {<<".">>, <<1080/utf8>>, [{capture, all, binary}]}, {<<"\\x{438}">>, <<1080/utf8>>, []}, {<<"É"/utf8>>, <<"é"/utf8>>, [caseless]},
     {<<"\\w">>, <<"é"/utf8>>, []}, {<<"\\w">>, <<"é"/utf8>>, [ucp]}, {<<"\\p{Lu}">>, <<"aÉ"/utf8>>, []}, {<<"\\p{Cyrillic}+">>, <<"a", 1080/utf8, 1081/utf8>>, []}, {<<"\\X">>, <<"e", 769/utf8, "x">>, []}, {<<"a">>, <<255>>, []}, {<<"a">>, <<"é"/utf8>>, [{offset, 1}]}, {<<255>>, <<"a">>, []}].

refused() ->
    ["(", "a)", "[a", "*a", "(?<n>a)(?<n>b)", "a{2,1}", "\\", "(?P<a", "(?z)", "a**", "[z-a]", "\\p{Foo}", "\\x{110000}", "(?<1a>b)", "(?R", "(?=a", "(?#a", "\\c", "x{65536}", "(?'a", "(?C256)", "\\L", "(a", "a(b(c", "+", "?", "[b-a]"].

bad() ->
    [fun() -> re:compile(foo) end, fun() -> re:compile("a", [foo]) end, fun() -> re:compile("a", foo) end, fun() -> re:compile("a", [global]) end, fun() -> re:compile([1080]) end, fun() -> re:run("a", {re_pattern, 1, 2, 3, <<1>>}) end, fun() -> re:run("a", {a, b}) end, fun() -> re:run("abc", "(", []) end, fun() -> re:run(foo, "a", []) end, fun() -> re:run("a", "a", [foo]) end, fun() -> re:run("a", "a", foo) end,
     fun() -> re:run("a", "a", [{offset, -1}]) end, fun() -> re:run("a", "a", [{offset, a}]) end, fun() -> re:run([1080], "a", []) end, fun() -> {ok, R} = re:compile("a"), re:run("a", R, [caseless]) end, fun() -> re:inspect(foo, namelist) end, fun() -> {ok, R} = re:compile("a"), re:inspect(R, foo) end, fun() -> {ok, R} = re:compile("(?<b>x)(?<a>y)"), re:inspect(R, namelist) end, fun() -> {ok, R} = re:compile("a"), re:inspect(R, namelist) end,
     fun() -> {ok, {re_pattern, A, B, C, D}} = re:compile("(a)(b)", [{newline, crlf}]), {A, B, C, is_binary(D)} end, fun() -> {ok, {re_pattern, A, B, C, D}} = re:compile(<<"a">>, [unicode]), {A, B, C, is_binary(D)} end, fun() -> is_binary(re:version()) end, fun() -> re:internal_run(<<"ab">>, <<"b">>, [], true) end].

%% The characters of Latin-1 that match.
members(_, _, 256) -> [];
members(P, O, C) ->
    case re:run([C], P, [{capture, none} | O]) of match -> [C | members(P, O, C + 1)]; nomatch -> members(P, O, C + 1) end.

hex(N) when N < 10 -> [$0 + N];
hex(N) -> [$A + N - 10].

{application, s_app,
 [{description, "An application of the tests"},
  {vsn, "1.2.3"},
  {modules, [s_app]},
  {registered, [s_app_top, s_worker]},
  {applications, [kernel, stdlib]},
  {env, [{colour, red}]},
  {mod, {s_app, [with, arguments]}}]}.

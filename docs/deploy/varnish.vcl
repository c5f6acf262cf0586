# Varnish 7 as a cache in front of 'feedsvc serve'. Start it so that it leaves the codings to
# feedsvc, which has made them all (its own gzip would weaken the entity tags):
#
#   varnishd -a :80 -f /etc/varnish/feedsvc.vcl -p http_gzip_support=off
#
# HTTPS is for hitch, nginx or Caddy before it; that one sets X-Forwarded-Proto.

vcl 4.1;

import std;

backend feedsvc {
  .host = "127.0.0.1";
  .port = "8080";
  .connect_timeout = 2s;
  .probe = {
    .url = "/healthz";
    .interval = 2s;
    .timeout = 1s;
    .window = 3;
    .threshold = 2;
    .initial = 2;
  }
}

sub vcl_recv {
  set req.http.Host = "news.example.org";
  if (req.url !~ "^/feeds/((category|tag|author|lang)/)?[a-z0-9-]+\.(rss|atom|json)(\?|$)") {
    return (pass);
  }
  # An answer depends on path, codings and conditional fields alone.
  set req.url = regsub(req.url, "\?.*$", "");
  unset req.http.Cookie;
  unset req.http.Authorization;
  call choose_coding;
  # Only a browser that opens a feed as a page is answered otherwise.
  if (req.http.Sec-Fetch-Dest != "document") {
    unset req.http.Sec-Fetch-Dest;
  }
  # stale-while-revalidate, as long as feedsvc is well; beyond it, and when a fetch has
  # failed, whatever is kept (stale-if-error).
  if (req.restarts == 0 && std.healthy(req.backend_hint)) {
    set req.grace = 300s;
  } else {
    set req.grace = 24h;
  }
  if (req.method == "GET" || req.method == "HEAD") {
    return (hash);
  }
  return (pass);
}

# As many spellings of Accept-Encoding as there are readers, but four answers.
sub choose_coding {
  if (req.http.Accept-Encoding ~ "(^|[ ,])br *(; *q=(1|0\.[0-9]*[1-9])[0-9.]*)? *(,|$)") {
    set req.http.Accept-Encoding = "br";
  } else if (req.http.Accept-Encoding ~ "(^|[ ,])zstd *(; *q=(1|0\.[0-9]*[1-9])[0-9.]*)? *(,|$)") {
    set req.http.Accept-Encoding = "zstd";
  } else if (req.http.Accept-Encoding ~ "(^|[ ,])(x-)?gzip *(; *q=(1|0\.[0-9]*[1-9])[0-9.]*)? *(,|$)") {
    set req.http.Accept-Encoding = "gzip";
  } else {
    unset req.http.Accept-Encoding;
  }
}

sub vcl_backend_response {
  if (beresp.status >= 500 && bereq.is_bgfetch) {
    return (abandon);  # what is kept stays
  }
  if (beresp.status == 200) {
    set beresp.grace = 24h;  # stale-if-error
  }
}

sub vcl_backend_error {
  if (bereq.is_bgfetch) {
    return (abandon);
  }
}

sub vcl_deliver {
  if (resp.status >= 500 && req.restarts == 0 && req.url ~ "^/feeds/") {
    return (restart);  # for what is kept, however old
  }
  unset resp.http.Via;
  unset resp.http.X-Varnish;
  if (obj.hits > 0) {
    set resp.http.X-Cache = "HIT";
  } else {
    set resp.http.X-Cache = "MISS";
  }
}

/* Drumbeat's script for a site's own pages: visits, UTM parameters, click ids and conversions.

   <script async src="https://drumbeat.example/t.js" data-key="wk_…"></script>
   data-consent="required": no identity before drumbeat.consent(true). data-domain: share the id among subdomains.

   The id lives in a first-party cookie. Browsers that send Global Privacy Control or Do Not Track, and people who refused,
   are counted without any id, click ids or query strings. */
(function () {
  "use strict";
  const script = document.currentScript;
  const key = script && script.getAttribute("data-key");
  if (!key) return;
  const endpoint = new URL("/v1/collect", script.src).href;
  const domain = script.getAttribute("data-domain");
  const asksFirst = script.getAttribute("data-consent") === "required";
  const CLICK_IDS = ["gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id", "dbclid"];
  const UTM = ["source", "medium", "campaign", "term", "content", "id"];
  const YEAR = 31536000;
  let user = null;
  let shown = null;

  function cookie(name) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
  }

  function keep(name, value, seconds) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const where = domain ? "; Domain=" + domain : "";
    document.cookie = name + "=" + encodeURIComponent(value) + "; Path=/; SameSite=Lax; Max-Age=" + seconds + where + secure;
  }

  function mayIdentify() {
    const asksNot = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1" || window.doNotTrack === "1";
    const said = cookie("db_consent");
    return !asksNot && said !== "refused" && (!asksFirst || said === "granted");
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function anonymousId() {
    const id = cookie("db_id") || uuid();
    keep("db_id", id, YEAR);
    return id;
  }

  function bare(address) {
    return address.split("#")[0].split("?")[0];
  }

  function whereFrom(identified) {
    const query = new URLSearchParams(location.search);
    const found = { url: identified ? location.href.split("#")[0] : bare(location.href) };
    if (document.referrer) found.referrer = bare(document.referrer);
    const utm = Object.fromEntries(UTM.map((name) => [name, (query.get("utm_" + name) || "").slice(0, 300)]).filter((pair) => pair[1]));
    if (Object.keys(utm).length) found.utm = utm;
    const clicks = Object.fromEntries(CLICK_IDS.map((name) => [name, (query.get(name) || "").slice(0, 500)]).filter((pair) => pair[1]));
    if (identified && Object.keys(clicks).length) found.click_ids = clicks;
    return found;
  }

  function send(event) {
    const identified = mayIdentify();
    const now = new Date().toISOString();
    const whole = Object.assign({ event_id: uuid(), occurred_at: now }, event);
    whole.url = (whole.url || "").slice(0, 2000);
    if (identified) {
      whole.anonymous_id = anonymousId();
      if (user) whole.user_id = user;
    }
    const body = JSON.stringify({ key: key, sent_at: now, events: [whole] });
    if (!(navigator.sendBeacon && navigator.sendBeacon(endpoint, body))) {
      fetch(endpoint, { method: "POST", body: body, mode: "no-cors", keepalive: true, credentials: "omit" }).catch(() => {});
    }
  }

  function page() {
    if (shown === location.pathname + location.search) return;
    const inside = shown !== null;
    shown = location.pathname + location.search;
    const found = whereFrom(mayIdentify());
    if (inside) found.referrer = location.origin;
    send(Object.assign({ kind: "touchpoint", name: "page_view" }, found));
  }

  /* Whoever is sent a copy of the address is somebody else, and must not become the one who clicked. */
  function forgetClick() {
    const parts = location.search.slice(1).split("&");
    const rest = parts.filter((part) => !part.startsWith("dbclid="));
    if (!mayIdentify() || rest.length === parts.length) return;
    history.replaceState(history.state, "", location.pathname + (rest.length ? "?" + rest.join("&") : "") + location.hash);
    shown = location.pathname + location.search;
  }

  window.drumbeat = {
    /* drumbeat.track("purchase", { value: 49.9, currency: "EUR", event_id: "order-17", properties: {} }) */
    track: function (name, more) {
      const url = mayIdentify() ? location.href.split("#")[0] : bare(location.href);
      send(Object.assign({ kind: "conversion", name: name, url: url }, more));
    },
    /* After a log-in: the account's own id. */
    identify: function (id) {
      user = String(id);
      send({ kind: "touchpoint", name: "identify", url: bare(location.href), referrer: location.origin });
    },
    /* What the person decided: true or false. */
    consent: function (granted) {
      keep("db_consent", granted ? "granted" : "refused", YEAR);
      if (!granted) {
        const id = cookie("db_id");
        keep("db_id", "", 0);
        user = null;
        if (id) send({ kind: "touchpoint", name: "consent", url: bare(location.href), referrer: location.origin, anonymous_id: id, consent: "refused" });
      } else if (mayIdentify()) {
        send({ kind: "touchpoint", name: "consent", url: bare(location.href), referrer: location.origin, consent: "granted" });
      }
    },
  };

  page();
  forgetClick();
  ["pushState", "replaceState"].forEach(function (name) {
    const original = history[name];
    history[name] = function () {
      const answer = original.apply(this, arguments);
      page();
      return answer;
    };
  });
  window.addEventListener("popstate", page);
})();

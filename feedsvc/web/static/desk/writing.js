// Keeps what is typed: at once in this browser, soon on the server, until it is saved.
// What the server has acknowledged leaves the browser; nothing is put into a form unasked.
"use strict";

(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const say = form.dataset;
  const { submission, typed, version } = form.elements;
  const PREFIX = "feedsvc:text:";
  const MINE = `${PREFIX}${say.account}:`;
  const MONTH = 30 * 24 * 3600 * 1000;
  const SOON = 1000; // until it is in the browser
  const LATER = 10000; // until it is on the server
  const OWN = new Set(["csrf_token", "version", "submission", "typed"]);
  const CHOICES = new Set(["release", "release_choice", "send_now", "significant"]);
  const BIG = 60000; // what a request may hold that outlives its page

  const storage = (() => {
    try {
      localStorage.setItem(`${PREFIX}try`, "");
      localStorage.removeItem(`${PREFIX}try`);
      return localStorage;
    } catch {
      return null; // forbidden, or full
    }
  })();

  const key = () => MINE + submission.value;
  const fields = () =>
    [...new FormData(form)].filter(([name, value]) => !OWN.has(name) && typeof value === "string");

  // What stands in the bar.
  const line = document.querySelector("[data-kept]");
  const tell = (text, isBad = false) => {
    if (text && line.textContent !== text) line.textContent = text;
    line.classList.toggle("bad", isBad);
  };

  // In this browser.
  let acknowledged = Number(say.known); // how many changes the server has seen
  let isKeptHere = false;
  const count = () => Number(typed.value);
  const isClosed = "closed" in say; // its text may be read, and not be changed
  const isDirty = () => !isClosed && count() > acknowledged && count() > 0;

  const keepHere = () => {
    clearTimeout(soon);
    if (!isDirty()) return;
    const text = { place: say.place, at: Date.now(), count: count(), version: version.value, fields: fields() };
    try {
      storage.setItem(key(), JSON.stringify(text));
      isKeptHere = true;
    } catch {
      isKeptHere = false;
    }
  };

  const failed = (text) => {
    keepHere();
    tell(isKeptHere ? text : say.lost, true);
  };

  // Said as soon as the browser knows: until a request has failed, somebody may close the page.
  const keepOffline = () => {
    if (isDirty() && navigator.onLine === false) failed(say.offline);
    else keepHere();
  };

  // On the server.
  let soon = 0;
  let later = 0;
  let isSending = false;
  let sending = Promise.resolve(); // what is on its way
  let isSent = false; // the form itself is on its way

  const send = async (isLast = false) => {
    clearTimeout(later);
    later = 0;
    if (!isDirty() || isSending || isSent) return;
    sending = transmit(isLast);
    await sending;
  };

  const transmit = async (isLast) => {
    isSending = true;
    const sent = count();
    const word = submission.value;
    const body = new FormData(form);
    body.set("account", say.account);
    body.delete("image_file"); // a picture travels once, when the form is saved
    let again = LATER;
    try {
      const isSmall = isLast && JSON.stringify(fields()).length < BIG / 3;
      const answer = await fetch(say.autosave, { method: "POST", body, keepalive: isSmall, redirect: "error" });
      const said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
      again = heard(answer, said, sent, word);
    } catch {
      failed(say.offline);
    }
    isSending = false;
    if (isDirty() && again) later = setTimeout(send, again);
  };

  // What is on its way, and then what was typed meanwhile.
  const sendAll = async () => {
    await sending;
    await send();
  };

  // Returns after how many milliseconds to try once more.
  const heard = (answer, said, sent, word) => {
    if (answer.ok && said.state !== "older") {
      acknowledged = sent;
      if (!isDirty()) storage?.removeItem(MINE + word);
      tell(said.say);
      return LATER;
    }
    if (said.state === "renewed") {
      for (const field of document.getElementsByName("csrf_token")) field.value = said.csrf_token;
      return 1;
    }
    if (said.state === "older") {
      rename(); // another window goes on with the same text: each keeps its own
      return 1;
    }
    failed({ ended: say.ended, other: say.other }[said.state] ?? say.refused);
    return LATER;
  };

  // A page is known by a word. While it is open it holds a lock of that name.
  const hold = () => navigator.locks?.request(key(), () => new Promise(() => {}));
  const fresh = () => `${submission.value.slice(0, 40)}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const rename = () => {
    submission.value = fresh();
    acknowledged = -1;
    keepHere();
    hold();
  };

  const changed = () => {
    typed.value = String(count() + 1);
    clearTimeout(soon);
    soon = setTimeout(keepOffline, SOON);
    later ||= setTimeout(send, LATER);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=checkbox], [type=radio]")) changed();
  });
  form.addEventListener("submit", () => {
    if (form.dataset.sent === "yes") isSent = true;
    keepHere();
  });
  // Ctrl+S keeps what is typed, at once: the browser would save the page, and to save the article
  // may show readers half a thought. The letter's place counts where the letters are others.
  document.addEventListener("keydown", (event) => {
    const isS = event.key === "s" || (event.code === "KeyS" && !/^[a-z]$/i.test(event.key));
    if (!isS || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    form.dispatchEvent(new Event("keep"));
  });
  form.addEventListener("keep", () => {
    keepHere();
    sendAll();
  });
  const leave = () => {
    keepHere();
    send(true);
  };
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
  addEventListener("offline", keepOffline);
  addEventListener("online", () => send());
  addEventListener("pageshow", () => {
    isSent = false;
  });
  // Signing out: what the server does not have yet is taken there first.
  document.querySelector("form.out")?.addEventListener("submit", async (event) => {
    if (!isDirty()) return;
    event.preventDefault();
    await Promise.race([sendAll(), new Promise((done) => setTimeout(done, 3000))]);
    event.target.submit();
  });

  // What earlier pages left in this browser.
  const read = (name) => {
    try {
      const found = JSON.parse(storage.getItem(name));
      return Array.isArray(found?.fields) && found.at > Date.now() - MONTH ? found : null;
    } catch {
      return null;
    }
  };
  const settled = JSON.parse(say.settled);
  const left = [];
  for (const name of storage ? Object.keys(storage) : []) {
    if (!name.startsWith(PREFIX)) continue;
    const found = read(name);
    const word = name.slice(MINE.length);
    const isStored = name.startsWith(MINE) && found?.count <= settled[word];
    if (!found || isStored) storage.removeItem(name);
    else if (name.startsWith(MINE) && found.place === say.place) left.push([name, word, found]);
  }

  const value = (found, name) => found.filter(([field]) => field === name).map(([, text]) => text);
  const labelled = (found) => {
    const now = fields();
    const names = [...new Set([...now, ...found].map(([name]) => name))].filter((name) => !CHOICES.has(name));
    const label = (name) => {
      const field = form.elements[name];
      const group = field?.closest?.(".field") ?? field?.[0]?.closest(".field");
      return (group?.querySelector("label, legend")?.textContent ?? name).trim();
    };
    const said = (fields, name) => value(fields, name).join(", ").replaceAll("\r\n", "\n");
    const other = names.filter((name) => said(now, name) !== said(found, name));
    const text = (fields) => other.map((name) => `${label(name)}: ${said(fields, name)}`).join("\n\n");
    return { isOther: other.length > 0, now: text(now), then: text(found) };
  };

  const put = (name, values) => {
    const field = form.elements[name];
    if (!field) return;
    const known = field instanceof Element ? [field] : [...field];
    for (const [number, one] of known.entries()) {
      if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
      else one.value = values[number] ?? "";
    }
    if (name !== "categories") return;
    const offered = new Set(known.map((one) => one.value));
    const others = values.filter((text) => !offered.has(text));
    const more = form.elements.new_categories;
    if (others.length) more.value = [more.value, ...others].filter(Boolean).join(", ");
  };

  const take = (word, found) => {
    keepHere(); // what stood there until now is not lost either
    const names = new Set([...fields(), ...found.fields].map(([name]) => name));
    names.delete("categories");
    const lines = form.querySelectorAll(".files .file");
    const wanted = value(found.fields, "enclosures").length;
    for (let n = lines.length; n && n < wanted; n += 1) lines[0].after(lines[0].cloneNode(true));
    for (const name of names) if (!CHOICES.has(name)) put(name, value(found.fields, name));
    put("categories", value(found.fields, "categories"));
    submission.value = word;
    version.value = found.version;
    typed.value = String(Math.max(found.count, count()));
    acknowledged = -1;
    form.dataset.unsaved = "";
    hold();
    for (const area of form.querySelectorAll("textarea, input[type=text]")) {
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  // A time as the rest of the page has it: the newsroom's, and in its language, if the browser
  // knows either.
  const zoned = (() => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: say.zone });
      return { timeZone: say.zone };
    } catch {
      return {};
    }
  })();
  const shown = (at) => {
    const date = (time) => time.toLocaleDateString("en-CA", zoned);
    const isToday = date(at) === date(new Date());
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const day = isToday ? {} : { weekday: "short", day: "numeric", month: "short" };
    return at.toLocaleString([document.documentElement.lang, "en-IN"], { ...clock, ...day, ...zoned });
  };

  const offer = (name, word, found) => {
    const made = document.getElementById("kept-here").content.firstElementChild.cloneNode(true);
    const { isOther, now, then } = labelled(found.fields);
    if (!isOther && !("unsaved" in say)) {
      storage.removeItem(name); // this very text is in the form, as it is stored
      return;
    }
    const head = made.querySelector("h2");
    head.textContent = head.textContent.replace("{time}", shown(new Date(found.at)));
    const headline = value(found.fields, "title").join("").trim();
    if (headline) made.querySelector("[data-headline]").textContent = headline;
    made.querySelector("[data-form]").textContent = now;
    made.querySelector("[data-unsaved-text]").textContent = then;
    made.querySelector("[data-take]")?.addEventListener("click", () => {
      take(word, found);
      made.remove();
      form.elements.title.focus();
    });
    const away = made.querySelector("[data-throw-away]");
    away.addEventListener("click", () => {
      if (!confirm(away.dataset.sure)) return;
      storage.removeItem(name);
      made.remove();
    });
    document.getElementById("kept-here-place").append(made);
    // The server's copy of the same page is older than this one, or the same.
    const theirs = document.querySelector(`[data-copy="${CSS.escape(word)}"]`);
    if (theirs && Number(theirs.dataset.copyTyped) <= found.count) theirs.hidden = true;
  };

  const move = (from, to, found) => {
    const text = JSON.stringify(found);
    storage.removeItem(from); // first: there may be no room for two
    try {
      storage.setItem(to, text);
      return true;
    } catch {
      storage.setItem(from, text); // full: it stays where it was
      return false;
    }
  };

  const offerAll = async () => {
    const held = (await navigator.locks?.query())?.held.map((lock) => lock.name) ?? [];
    const isShared = held.includes(key());
    for (const [name, word, found] of left) {
      const theirs = document.querySelector(`[data-copy="${CSS.escape(word)}"]`);
      const isOnServer = theirs && Number(theirs.dataset.copyTyped) >= found.count;
      const isHere = word === submission.value && found.count <= count();
      if (isHere || isOnServer || held.includes(name)) continue;
      if (word !== submission.value) {
        offer(name, word, found);
        continue;
      }
      // This page goes on from an earlier state of the same text: what is later gets a name
      // of its own, so that nothing is written over it.
      const other = fresh();
      const isMoved = move(name, MINE + other, found);
      offer(isMoved ? MINE + other : name, other, found);
    }
    if (isShared) rename();
    else hold();
  };
  offerAll();
  if (isDirty()) later = setTimeout(send, LATER);
})();

// Shows the buttons while Markdown is written, and makes Markdown, or clean HTML, of what is
// pasted from a word processor. Undo takes back what was put in.
"use strict";

(() => {
  const area = document.getElementById("body_source");
  const toolbar = document.querySelector("[data-toolbar]");
  if (!area || !toolbar) return;

  const isMarkdown = () => area.form.elements.body_format.value === "markdown";
  const show = () => {
    toolbar.hidden = !isMarkdown();
  };
  area.form.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();

  const KEPT = new Set(
    ("a b blockquote br code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img li ol p pre " +
      "s strong sub sup table tbody td tfoot th thead tr ul").split(" "),
  );
  const DROPPED =
    "del, style, script, meta, link, title, template, xml, noscript, .msoDel, .MsoCommentReference, " +
    ".msocomanchor, .msocomtxt, .MsoCommentText, .comment-anchor, sdfield[type=annotation]";
  const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, pre, figure, hr";
  const FORMED = "a[href], b, strong, i, em, h1, h2, h3, h4, h5, h6, ul, ol, blockquote, img, table, sub, sup";
  const styled = (one) => (one.dataset.style ?? "").toLowerCase().replaceAll(/\s+/g, "");
  const unwrap = (one) => one.replaceWith(...one.childNodes);
  const rename = (one, name) => {
    const made = one.ownerDocument.createElement(name);
    for (const { name: key, value } of [...one.attributes]) made.setAttribute(key, value);
    made.append(...one.childNodes);
    one.replaceWith(made);
    return made;
  };
  const all = (root, what) => [...root.querySelectorAll(what)];

  // What is not text at all, or was deleted, or stands beside the text.
  const dropUnseen = (root) => {
    const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
    const comments = [];
    while (walker.nextNode()) comments.push(walker.currentNode);
    for (const one of comments) one.remove();
    for (const one of all(root, DROPPED)) one.remove();
    for (const one of all(root, "[data-style]")) {
      if (/mso-hide:all|display:none|mso-element:(comment|footnote)|mso-list:ignore/.test(styled(one))) {
        if (/mso-list:ignore/.test(styled(one))) mark(one);
        one.remove();
      }
    }
  };

  // Word writes lists as paragraphs, each with its bullet or number before it.
  const mark = (bullet) => {
    const paragraph = bullet.closest("p, div, h1, h2, h3, h4, h5, h6");
    if (paragraph) paragraph.dataset.list = /^\s*[\p{L}\p{N}]+[.)]/u.test(bullet.textContent) ? "ol" : "ul";
  };
  const gatherLists = (root) => {
    for (const one of all(root, "[data-list]")) {
      const level = Number(/level(\d)/.exec(styled(one))?.[1] ?? 1);
      const before = one.previousElementSibling;
      const top = before?.matches("[data-made]") ? before : list(one, "before");
      let into = top;
      for (let depth = 1; depth < level; depth += 1) {
        const last = into.lastElementChild ?? into.appendChild(one.ownerDocument.createElement("li"));
        into = last.querySelector(":scope > [data-made]") ?? list(one, "append", last);
      }
      const item = one.ownerDocument.createElement("li");
      item.append(...one.childNodes);
      into.append(item);
      one.remove();
    }
  };
  const list = (one, how, where = one) => {
    const made = one.ownerDocument.createElement(one.dataset.list);
    made.dataset.made = "";
    where[how](made);
    return made;
  };

  // What is bold or slanted by its style alone; Google Docs writes everything so.
  const readStyles = (root) => {
    for (const one of all(root, "b, strong")) {
      if (/(^|;)font-weight:(normal|[1-4]00)/.test(styled(one))) unwrap(one);
    }
    for (const one of all(root, "span[data-style], font[data-style]")) {
      const style = styled(one);
      const isBold = /(^|;)font-weight:(bold|[6-9]00)/.test(style);
      const isSlanted = /font-style:(italic|oblique)/.test(style);
      let made = one;
      if (isSlanted) made = rename(one, "em");
      if (isBold && isSlanted) {
        const inner = one.ownerDocument.createElement("strong");
        inner.append(...made.childNodes);
        made.append(inner);
      } else if (isBold) rename(one, "strong");
    }
    for (const one of all(root, "p.MsoTitle, p.MsoSubtitle")) rename(one, "h2");
    for (const one of all(root, "h1")) rename(one, "h2"); // the headline is the first heading
    for (const one of all(root, ":is(h2, h3, h4, h5, h6) :is(b, strong)")) unwrap(one);
  };

  const goodLink = (href) => {
    try {
      const url = new URL(href);
      const isGoogle = /^www\.google\./.test(url.hostname) && url.pathname === "/url";
      const target = isGoogle ? new URL(url.searchParams.get("q") ?? "") : url;
      return /^(https?|mailto):$/.test(target.protocol) ? target.href : "";
    } catch {
      return ""; // of this page, or of a file on somebody's disk
    }
  };
  const cleanLinks = (root) => {
    for (const one of all(root, "a")) {
      const href = goodLink(one.getAttribute("href") ?? "");
      if (href && one.textContent.trim()) one.setAttribute("href", href);
      else unwrap(one);
    }
    for (const one of all(root, "img")) {
      if (!/^https?:/.test(one.getAttribute("src") ?? "")) one.remove(); // inside the clipboard only
    }
  };

  // What is left without a meaning.
  const tidy = (root) => {
    for (const one of all(root, "*")) if (!KEPT.has(one.localName)) unwrap(one);
    for (const one of all(root, "div").reverse()) {
      if (one.querySelector(BLOCKS)) unwrap(one);
      else rename(one, "p");
    }
    for (const one of all(root, ":is(ul, ol) > :is(ul, ol)")) one.previousElementSibling?.append(one);
    for (const one of all(root, "li > p:only-child, td > p:only-child, th > p:only-child, li > p:first-child")) unwrap(one);
    for (const one of all(root, "*")) {
      for (const { name } of [...one.attributes]) {
        const isKept = { a: ["href"], img: ["src", "alt"] }[one.localName]?.includes(name);
        if (!isKept) one.removeAttribute(name);
      }
    }
    const text = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (text.nextNode()) {
      const inside = text.currentNode.parentElement.closest("pre");
      if (!inside) text.currentNode.data = text.currentNode.data.replaceAll(/[\s\u00a0]+/g, " ");
    }
    for (const one of all(root, "br")) {
      if ([one.previousSibling, one.nextSibling].some((next) => next?.nodeType === 1 && next.matches(BLOCKS))) one.remove();
    }
    root.normalize();
    dropGaps(root);
    for (const name of ["b", "strong", "i", "em"]) for (const one of all(root, name)) join(one);
    for (const one of all(root, "p, div, b, strong, i, em, h2, h3, h4, h5, h6, li, ul, ol, a, blockquote").reverse()) {
      if (!one.textContent.trim() && !one.querySelector("img, hr")) one.replaceWith(one.textContent);
    }
  };
  // White space between blocks, and at both ends of one.
  const dropGaps = (root) => {
    for (const one of [root, ...all(root, BLOCKS), ...all(root, "tbody, thead, tfoot, tr, td, th, li")]) {
      const isHolder = one === root || /^(ul|ol|table|tbody|thead|tfoot|tr|blockquote)$/.test(one.localName);
      for (const node of [...one.childNodes]) {
        if (node.nodeType !== Node.TEXT_NODE || one.closest("pre")) continue;
        if (node === one.firstChild) node.data = node.data.trimStart();
        if (node === one.lastChild) node.data = node.data.trimEnd();
        const isBesideBlock = [node.previousSibling, node.nextSibling].some((next) => next?.nodeType === 1 && next.matches(BLOCKS));
        if (!node.data.trim() && (isHolder && one !== root || isBesideBlock)) node.remove();
      }
    }
  };
  const join = (one) => {
    while (one.isConnected && one.nextSibling?.localName === one.localName) {
      const next = one.nextSibling;
      one.append(...next.childNodes);
      next.remove();
    }
  };

  const cleaned = (html) => {
    // The policy of this page forbids styles, and would have the browser complain of each.
    const read = html.replaceAll(/<style\b[^]*?<\/style>/gi, "").replaceAll(/(<[^<>]*?\s)style\s*=/gi, "$1data-style=");
    const root = new DOMParser().parseFromString(read, "text/html").body;
    dropUnseen(root);
    readStyles(root);
    gatherLists(root);
    cleanLinks(root);
    tidy(root);
    return root;
  };

  const cell = (one) => one.textContent.trim().replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
  const table = (_, one) => {
    const rows = [...one.rows].map((row) => [...row.cells].map(cell));
    const width = Math.max(0, ...rows.map((row) => row.length));
    const line = (cells) => `| ${Array.from({ length: width }, (__, n) => cells[n] ?? "").join(" | ")} |`;
    const [head = [], ...rest] = rows;
    return `\n\n${[line(head), line(Array(width).fill("---")), ...rest.map(line)].join("\n")}\n\n`;
  };
  const markdown = (root) => {
    const service = new TurndownService({
      headingStyle: "atx",
      bulletListMarker: "-",
      codeBlockStyle: "fenced",
      emDelimiter: "*",
      hr: "---",
    });
    service.addRule("table", { filter: "table", replacement: table });
    service.addRule("item", {
      filter: "li",
      replacement: (content, one, options) => {
        const list = one.parentElement;
        const number = [...list.children].indexOf(one) + 1;
        const head = list.localName === "ol" ? `${number}. ` : `${options.bulletListMarker} `;
        const text = content.trim().replaceAll(/\n{2,}/g, "\n").replaceAll("\n", `\n${" ".repeat(head.length)}`);
        return `${head}${text}\n`;
      },
    });
    return service.turndown(root).trim();
  };
  const html = (root) => {
    for (const one of root.children) if (one.matches(BLOCKS)) one.after("\n");
    return root.innerHTML.trim().replaceAll(/\n\s*\n+/g, "\n");
  };

  // Fetched when it is first needed: who types needs none of it.
  let loading = null;
  const load = () => {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = toolbar.dataset.turndown;
      script.addEventListener("load", done);
      script.addEventListener("error", failed);
      document.head.append(script);
    });
    return loading;
  };

  const put = (text) => {
    area.focus();
    if (document.execCommand("insertText", false, text)) return;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  area.addEventListener("paste", async (event) => {
    const source = event.clipboardData?.getData("text/html") ?? "";
    const isCode = /^\s*(<meta[^>]*>)?\s*<(div|pre)[^>]*monospace[^>]*white-space:\s*pre/i.test(source);
    if (!source || isCode) return; // what is plain, or somebody's Markdown, goes in as it is
    const root = cleaned(source);
    const isFormed = root.querySelector(FORMED) !== null || all(root, "p, div").length > 1;
    if (!isFormed || !root.textContent.trim()) return;
    event.preventDefault();
    const plain = event.clipboardData.getData("text/plain");
    if (!isMarkdown()) {
      put(html(root));
      return;
    }
    try {
      await load();
      put(markdown(root));
    } catch {
      loading = null; // the network is gone: the words at least are here
      put(plain);
    }
  });
})();

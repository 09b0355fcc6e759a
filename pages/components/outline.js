// The KPI tree as an outline to edit: arrows walk, keys and buttons change, what is typed is kept over reruns.
//
// The server draws nothing here: it gives `lines` in outline order and the number of the last command it carried out
// (`done`). Commands wait in `queue` until then, so none is lost when several follow quickly. Words people typed only
// ever become text nodes.

const outlines = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  if (!outlines.has(parentElement)) outlines.set(parentElement, new Outline(parentElement, data));
  outlines.get(parentElement).take(data, setStateValue);
}

const made = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

class Outline {
  constructor(parent, data) {
    this.items = new Map();
    this.folded = new Set(data.folded);
    this.number = data.done;
    this.queue = [];
    this.typed = "";
    this.tree = made("ul", "tree");
    this.tree.setAttribute("role", "tree");
    this.help = made("p", "help");
    parent.append(this.tree, this.help);
    this.tree.addEventListener("keydown", (event) => this.key(event));
    try {
      this.editing = JSON.parse(sessionStorage.getItem(`outline/${data.place}`)); // a reload came in between
    } catch {
      this.editing = null;
    }
  }

  take(data, send) {
    this.data = data;
    this.send = send;
    this.queue = this.queue.filter((command) => command.n > data.done);
    this.tree.dataset.waiting = this.queue.length;
    this.lines = new Map(data.lines.map((line) => [line.code, line]));
    this.tree.setAttribute("aria-label", data.words.tree);
    this.help.textContent = data.editable ? data.words.help : data.words.help_reading;
    const choosing = this.timer || this.queue.some((command) => command.what === "select");
    if (!choosing && data.selected !== this.seen) {
      this.active = data.selected;
      this.moved = true;
      for (let line = this.lines.get(this.active); line; line = this.lines.get(line.parent)) {
        if (line.code !== this.active) this.folded.delete(line.code);
      }
    }
    if (!choosing) this.seen = data.selected;
    if (!this.lines.has(this.active)) this.active = data.lines[0]?.code;
    this.draw();
  }

  // what is in sight

  rows() {
    const rows = [];
    let hidden = Infinity;
    for (const line of this.data.lines) {
      if (line.level > hidden) continue;
      hidden = this.folded.has(line.code) ? line.level : Infinity;
      rows.push(line);
    }
    const waiting = this.queue.filter((command) => command.what === "add");
    const fresh = this.editing?.add ? [...waiting, this.editing] : waiting;
    for (const add of fresh) {
      const under = rows.findIndex((line) => line.code === (add.after || add.parent));
      let at = under + 1;
      while (under >= 0 && at < rows.length && rows[at].level > rows[under].level) at += 1;
      const level = (this.lines.get(add.parent)?.level ?? -1) + 1;
      rows.splice(under < 0 ? rows.length : at, 0, { code: ` ${add.n || ""}`, level, name: add.name || "", add });
    }
    return rows;
  }

  draw() {
    const focused = this.tree.getRootNode().activeElement;
    const had = this.tree.contains(focused) && focused.getAttribute("role") === "treeitem";
    const rows = this.rows();
    const wanted = new Set(rows.map((line) => line.code));
    for (const [code, item] of this.items) {
      if (wanted.has(code) || (this.editing && this.editing.code === code && !this.editing.add)) continue;
      item.remove();
      this.items.delete(code);
    }
    let at = this.tree.firstChild; // items stay where they are unless they must move: an open field keeps its focus
    for (const line of rows) {
      const item = this.item(line);
      if (item === at) at = at.nextSibling;
      else this.tree.insertBefore(item, at);
    }
    const open = this.editing && this.items.get(this.editing.add ? " " : this.editing.code);
    if (open && !open.querySelector("input")) this.field(open);
    if (this.editing && !open) this.editing = null;
    const active = this.items.get(this.active);
    if (this.moved && active) active.scrollIntoView({ block: "nearest" });
    if (had && !this.editing && active) active.focus();
    this.moved = false;
  }

  item(line) {
    let item = this.items.get(line.code);
    if (!item) {
      item = made("li");
      item.setAttribute("role", "treeitem");
      const row = made("div", "row");
      const twist = made("span", "twist");
      twist.setAttribute("aria-hidden", "true");
      row.append(twist, made("span", "kind"), made("span", "name"), made("span", "department"));
      item.append(row);
      this.items.set(line.code, item);
      twist.addEventListener("click", (event) => {
        event.stopPropagation();
        this.fold(line.code);
      });
      row.addEventListener("click", () => this.go(line.code));
      item.addEventListener("focus", () => line.code !== this.active && this.go(line.code)); // a reader's cursor
      row.addEventListener("dblclick", () => this.rename());
    }
    const [twist, kind, name, department] = item.firstChild.children;
    const below = this.data.lines.some((other) => other.parent === line.code);
    const folded = this.folded.has(line.code);
    const renamed = this.queue.findLast((command) => command.what === "rename" && command.code === line.code);
    twist.textContent = below ? (folded ? "▸" : "▾") : "";
    kind.textContent = line.kind || "";
    name.textContent = renamed ? renamed.name : line.name;
    department.textContent = line.department || "";
    item.style.setProperty("--level", line.level);
    item.classList.toggle("waiting", Boolean(line.add || renamed));
    item.setAttribute("aria-level", line.level + 1);
    item.setAttribute("aria-selected", line.code === this.active);
    item.setAttribute("aria-label", [line.kind, name.textContent, line.department].filter(Boolean).join(" "));
    item.tabIndex = line.code === this.active ? 0 : -1;
    if (below) item.setAttribute("aria-expanded", !folded);
    else item.removeAttribute("aria-expanded");
    this.tools(item, line);
    return item;
  }

  tools(item, line) {
    const shown = item.querySelector(".tools");
    const wanted = line.code === this.active && this.data.editable && !line.add;
    if (shown && !wanted) shown.remove();
    if (shown || !wanted) return;
    const tools = made("div", "tools");
    const buttons = [
      ["＋", "child", () => this.add(true)],
      ["✎", "rename", () => this.rename()],
      ...(line.top
        ? []
        : [
            ["↑", "up", () => this.step("up")],
            ["↓", "down", () => this.step("down")],
            ["←", "outdent", () => this.step("outdent")],
            ["→", "indent", () => this.step("indent")],
            ["✕", "delete", () => this.remove()],
          ]),
    ];
    for (const [sign, word, act] of buttons) {
      const button = made("button", "", sign);
      button.type = "button";
      button.tabIndex = -1; // a keyboard has keys for each; Tab leaves the tree
      button.title = this.data.words[word];
      button.setAttribute("aria-label", this.data.words[word]);
      button.addEventListener("click", act);
      tools.append(button);
    }
    item.append(tools);
  }

  // choosing

  go(code) {
    if (!this.lines.has(code)) return;
    this.active = code;
    this.moved = true;
    this.draw();
    if (!this.editing) this.items.get(code).focus();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.choose(), 150);
  }

  choose() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.active !== this.data.selected && this.lines.has(this.active)) this.command("select", { code: this.active });
  }

  fold(code, folded = !this.folded.has(code)) {
    if (folded) this.folded.add(code);
    else this.folded.delete(code);
    this.draw();
  }

  key(event) {
    if (event.target.tagName === "INPUT" || event.isComposing) return;
    const line = this.lines.get(this.active);
    if (!line) return;
    const act = this.data.editable && this.change(event, line) ? true : this.walk(event, line);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
  }

  change({ key, code, altKey, ctrlKey, metaKey, shiftKey }, line) {
    const control = ctrlKey || metaKey;
    const steps = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "outdent", ArrowRight: "indent" };
    if (altKey && steps[key]) return this.step(steps[key]);
    if (control && (key === "]" || code === "BracketRight")) return this.step("indent");
    if (control && (key === "[" || code === "BracketLeft")) return this.step("outdent");
    if (control && key.toLowerCase() === "z") return this.command(shiftKey ? "redo" : "undo", {});
    if (control && key.toLowerCase() === "y") return this.command("redo", {});
    if (key === "Insert" || (control && key === "Enter")) return this.add(true);
    if (altKey || control) return false;
    if (key === "Enter") return this.add(Boolean(line.top));
    if (key === "F2") return this.rename();
    if (key === "Delete") return this.remove();
    return false;
  }

  walk({ key, altKey, ctrlKey, metaKey }, line) {
    if (altKey || ctrlKey || metaKey) return false;
    const codes = this.rows().filter((row) => !row.add).map((row) => row.code);
    const at = codes.indexOf(this.active);
    const below = this.data.lines.find((other) => other.parent === line.code);
    if (key === "ArrowDown") this.go(codes[at + 1]);
    else if (key === "ArrowUp") this.go(codes[at - 1]);
    else if (key === "Home") this.go(codes[0]);
    else if (key === "End") this.go(codes[codes.length - 1]);
    else if (key === "ArrowRight") below && (this.folded.has(line.code) ? this.fold(line.code, false) : this.go(below.code));
    else if (key === "ArrowLeft") below && !this.folded.has(line.code) ? this.fold(line.code, true) : this.go(line.parent);
    else if (key.length === 1 && (key !== " " || this.typed)) this.type(key, codes, at);
    else return false;
    return true;
  }

  type(key, codes, at) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => (this.typed = ""), 700);
    this.typed += key.toLowerCase();
    const from = this.typed.length > 1 ? at : at + 1;
    const next = [...codes.slice(from), ...codes.slice(0, from)];
    this.go(next.find((code) => this.lines.get(code).name.toLowerCase().startsWith(this.typed)));
  }

  // changing

  command(what, more) {
    if (this.timer) this.choose(); // what was walked to before comes before, or it would undo the choice of a new line
    this.number += 1;
    this.queue.push({ n: this.number, what, ...more });
    this.tree.dataset.waiting = this.queue.length;
    this.send("commands", [...this.queue]);
    return true;
  }

  step(way) {
    return this.command(way, { code: this.active, revision: this.lines.get(this.active).revision });
  }

  remove() {
    const { code, revision, top } = this.lines.get(this.active);
    return top ? true : this.command("delete", { code, revision });
  }

  rename() {
    if (!this.data.editable) return true;
    const { code, revision, name } = this.lines.get(this.active);
    return this.edit({ code, revision, name, was: name });
  }

  add(child) {
    const { code, parent } = this.lines.get(this.active);
    if (child) this.folded.delete(code);
    return this.edit({ add: true, parent: child ? code : parent, after: child ? "" : code, name: "", was: "" });
  }

  edit(editing) {
    if (this.editing) this.close(true);
    this.editing = editing;
    this.draw();
    return true;
  }

  field(item) {
    const { words, longest } = this.data;
    const input = made("input");
    input.maxLength = longest;
    input.value = this.editing.name;
    input.placeholder = this.editing.add ? words.placeholder : "";
    input.setAttribute("aria-label", this.editing.add ? words.new_name : words.rename);
    item.classList.add("editing");
    item.firstChild.append(input);
    input.addEventListener("input", () => {
      this.editing.name = input.value;
      this.keep();
    });
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing || event.keyCode === 229) return; // Enter ends a Japanese conversion, not the field
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        this.close(event.key === "Enter");
        this.items.get(this.active)?.focus();
      }
    });
    input.addEventListener("blur", () => input.isConnected && this.close(true));
    input.addEventListener("click", (event) => event.stopPropagation());
    input.addEventListener("dblclick", (event) => event.stopPropagation());
    input.focus();
    if (!this.editing.add) input.select();
    input.scrollIntoView({ block: "nearest" });
  }

  close(store) {
    const editing = this.editing;
    if (!editing) return;
    this.editing = null;
    this.keep();
    const item = this.items.get(editing.add ? " " : editing.code);
    item?.classList.remove("editing");
    item?.querySelector("input")?.remove();
    const name = editing.name.trim();
    if (store && name && name !== editing.was) {
      const { code, revision, parent, after } = editing;
      if (editing.add) this.command("add", { parent, after, name });
      else this.command("rename", { code, revision, name });
    }
    this.draw();
  }

  keep() {
    try {
      if (this.editing) sessionStorage.setItem(`outline/${this.data.place}`, JSON.stringify(this.editing));
      else sessionStorage.removeItem(`outline/${this.data.place}`);
    } catch {
      // a browser that keeps nothing: the text lives as long as the page
    }
  }
}

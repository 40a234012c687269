// A list of which only the rows in sight exist, so that a hundred thousand of them scroll without a hitch.

class VirtualList {
  /**
   * @param element the place that scrolls; it has the focus
   * @param draw makes the element of an item
   * @param role of the rows: "row" of a grid or "option" of a list box
   */
  constructor(element, { draw, onSelect, onOpen, role }) {
    Object.assign(this, { element, draw, onSelect, onOpen, role, items: [], selected: -1, drawn: new Map(), partners: new Set() });
    this.space = el("div", { class: "space", role: "presentation" });
    element.append(this.space);
    this.update = drawing(() => this.show());
    element.addEventListener("scroll", this.update, { passive: true });
    new ResizeObserver(this.update).observe(element);
    element.addEventListener("keydown", (event) => this.key(event));
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest("[data-i]");
      if (!row) return;
      this.select(Number(row.dataset.i));
      this.onOpen?.(this.items[this.selected]);
    });
  }

  /** The height of a row, as the style has it. */
  get rowHeight() {
    return this.height ??= parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 26;
  }

  /** Shows other items; `selected` among them stays so. */
  set(items, selected) {
    this.items = items;
    this.selected = selected === undefined ? -1 : items.indexOf(selected);
    this.height = undefined;
    this.refresh();
  }

  /** Draws all that is in sight anew. */
  refresh() {
    this.drawn.clear();
    this.space.replaceChildren();
    this.space.style.height = `${this.items.length * this.rowHeight}px`;
    this.element.setAttribute(this.role === "row" ? "aria-rowcount" : "data-count", String(this.items.length));
    this.show();
  }

  show() {
    const height = this.rowHeight, top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / height) - 6);
    const last = Math.min(this.items.length, Math.ceil((top + this.element.clientHeight) / height) + 6);
    for (const [i, row] of this.drawn) if (i < first || i >= last) { row.remove(); this.drawn.delete(i); }
    for (let i = first; i < last; i++) {
      if (this.drawn.has(i)) continue;
      const row = this.draw(this.items[i], i);
      row.id = `${this.element.id}-${i}`;
      row.dataset.i = String(i);
      row.setAttribute("role", this.role);
      row.setAttribute(this.role === "row" ? "aria-rowindex" : "aria-posinset", String(i + 1));
      if (this.role === "option") row.setAttribute("aria-setsize", String(this.items.length));
      row.style.transform = `translateY(${i * height}px)`;
      this.drawn.set(i, row);
      this.space.append(row);
    }
    this.mark();
    this.onShow?.(first, last);
  }

  mark() {
    for (const [i, row] of this.drawn) {
      row.setAttribute("aria-selected", String(i === this.selected));
      row.classList.toggle("partner", this.partners.has(this.items[i]));
    }
    if (this.drawn.has(this.selected)) this.element.setAttribute("aria-activedescendant", `${this.element.id}-${this.selected}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** Selects an item by its place, and brings it into sight. */
  select(i, isTold = true) {
    if (this.items.length === 0) return;
    this.selected = Math.max(0, Math.min(this.items.length - 1, i));
    this.reveal();
    this.show();
    if (isTold) this.onSelect?.(this.items[this.selected]);
  }

  reveal() {
    if (this.selected < 0) return;
    const top = this.selected * this.rowHeight, list = this.element;
    // What is far away comes to the middle, with what is around it.
    if (Math.abs(top - list.scrollTop - list.clientHeight / 2) > 1.5 * list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
    else if (top < list.scrollTop) list.scrollTop = top;
    else if (top + this.rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + this.rowHeight - list.clientHeight;
  }

  move(step) { this.select(this.selected < 0 ? (step > 0 ? 0 : this.items.length - 1) : this.selected + step); }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      const step = steps[event.key];
      if (Number.isFinite(step)) this.move(step);
      else this.select(step < 0 ? 0 : this.items.length - 1);
    } else if (event.key === "Enter" && this.selected >= 0) {
      this.onOpen?.(this.items[this.selected]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

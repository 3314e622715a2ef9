// Stepping through the schedule. Without this script the picture is a still one,
// and all of the list is there.
(() => {
  const rows = [...document.querySelectorAll("#tl-steps tr[id^='step-']")];
  const picture = document.getElementById("tl");
  if (!picture || !rows.length) return;
  const cursor = document.getElementById("tl-cursor");
  const scroll = document.getElementById("tl-scroll");
  const said = document.getElementById("tl-text");
  const marks = [...picture.querySelectorAll("a.mark")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const number = (row) => Number(row.id.slice(5));
  const broken = Math.max(rows.findIndex((row) => row.classList.contains("broken")), 0);
  let at = -1;

  document.getElementById("tl-step").hidden = false;

  const markOf = (n) => marks.find((m) => Number(m.dataset.first) <= n && n <= Number(m.dataset.last));

  function show(x) {
    const left = x - scroll.clientWidth / 2;
    if (x < scroll.scrollLeft + 60 || x > scroll.scrollLeft + scroll.clientWidth - 60) {
      scroll.scrollTo({ left, behavior: calm.matches ? "auto" : "smooth" });
    }
  }

  // go moves the cursor to a row of the list.
  function go(to, remember) {
    if (to < 0 || to >= rows.length) return;
    if (at >= 0) rows[at].classList.remove("on");
    picture.querySelector("a.mark.on")?.classList.remove("on");
    at = to;
    const row = rows[at], n = number(row), mark = markOf(n);
    row.classList.add("on");
    const fold = row.closest("details");
    if (fold) fold.open = true;
    const cells = [...row.cells].map((cell) => cell.textContent.trim());
    said.textContent = `step ${cells[0]}, ${cells[1]}, ${cells[2]}: ${cells[3]}` + (mark ? "" : " (outside the picture)");
    cursor.setAttribute("visibility", mark ? "visible" : "hidden");
    if (mark) {
      mark.classList.add("on");
      cursor.setAttribute("x1", mark.dataset.x);
      cursor.setAttribute("x2", mark.dataset.x);
      show(Number(mark.dataset.x));
    }
    if (remember) {
      try { history.replaceState(null, "", `#step-${n}`); } catch { /* some browsers refuse it from file:// */ }
    }
  }

  const indexOf = (hash) => rows.findIndex((row) => "#" + row.id === hash);

  document.getElementById("tl-back").addEventListener("click", () => go(Math.max(at - 1, 0), true));
  document.getElementById("tl-next").addEventListener("click", () => go(Math.min(at + 1, rows.length - 1), true));
  document.getElementById("tl-broken").addEventListener("click", () => go(broken, true));

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(Math.min(Math.max(to, 0), rows.length - 1), true);
  });

  picture.addEventListener("click", (event) => {
    const mark = event.target.closest("a.mark");
    if (mark) {
      event.preventDefault(); // the page stays where it is
      go(indexOf(`#step-${mark.dataset.first}`), true);
      return;
    }
    picture.querySelector(".on:not(.mark)")?.classList.remove("on");
    const part = event.target.closest("[data-text]");
    if (!part) return;
    part.classList.add("on");
    said.textContent = part.dataset.text;
  });

  picture.addEventListener("pointerover", (event) => {
    const part = event.target.closest("[data-text]");
    if (part) said.textContent = part.dataset.text;
  });

  addEventListener("hashchange", () => go(indexOf(location.hash), false));

  const asked = indexOf(location.hash);
  go(asked >= 0 ? asked : broken, false);
  const mark = markOf(number(rows[at]));
  if (mark) scroll.scrollLeft = Number(mark.dataset.x) - scroll.clientWidth * 0.6;
})();

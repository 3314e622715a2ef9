
// Buttons that copy the command beside them. Where a browser does not let a page
// copy, the command is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  let said = "copied";
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    said = "selected";
  }
  button.textContent = said;
  setTimeout(() => { button.textContent = "copy"; }, 1500);
});

// The colours that were chosen, before anything is painted. A file of its own, as the page allows no script within it.
try {
  const chosen = localStorage.getItem("meetmates.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // No storage: the colours are those of the device.
}

// The page without a network: in the language of the person, and back as soon as the server answers.

const LOOK_AGAIN = 5_000; // milliseconds

function language() {
  try {
    const chosen = localStorage.getItem("meetmates.locale");
    if (chosen) return chosen;
  } catch {
    // no storage: the browser's languages
  }
  const known = navigator.languages
    .map((name) => name.slice(0, 2))
    .find((name) => name === "en" || name === "hi");
  return known ?? "en";
}

function speak(chosen) {
  document.documentElement.lang = chosen;
  for (const words of document.querySelectorAll(".words")) words.hidden = words.lang !== chosen;
}

async function look() {
  try {
    const answer = await fetch("/theme.js", { method: "HEAD", cache: "no-store" });
    if (answer.ok) location.reload();
  } catch {
    // still nothing
  }
}

speak(language() === "hi" ? "hi" : "en");
for (const button of document.querySelectorAll("button"))
  button.addEventListener("click", () => location.reload());
addEventListener("online", look);
setInterval(look, LOOK_AGAIN);

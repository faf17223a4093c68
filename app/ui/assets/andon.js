function line(item, found) {
  item.replaceChildren()
  text(item, "span", "name", found.name)
  text(item, "span", found.lost ? "figure lost" : "figure", found.oee)
  text(item, "span", "hint", found.hint)
}

function machine(item, found, colors) {
  item.replaceChildren()
  item.className = found.alarm ? "alarm" : ""
  item.style.setProperty("--state", colors[found.token] || "currentColor")
  text(item, "span", "name", found.name)
  const state = text(item, "span", "state", "")
  icon(state, found.icon, colors[found.mark] || "inherit")
  text(state, "span", "word", found.state)
  text(item, "span", "why", found.why)
  text(item, "span", found.behind ? "parts behind" : "parts", found.parts)
}

export default function ({ parentElement, data }) {
  const board = parentElement.querySelector(".andon")
  const content = JSON.parse(new TextDecoder().decode(data))
  const night = dark(parentElement)
  const colors = PALETTE[night ? "dark" : "light"]
  board.style.setProperty("--muted", colors["@muted"])
  board.style.setProperty("--bad", colors["@state.down"])
  board.querySelector(".plant").textContent = content.plant
  board.querySelector(".shift").textContent = content.shift
  board.querySelector(".clock").textContent = content.clock
  list(board.querySelector(".lines"), content.lines, night, line)
  list(board.querySelector(".machines"), content.machines, night, (item, found) => machine(item, found, colors))
  board.querySelector(".full").onclick = () => board.requestFullscreen()
  clearTimeout(board.silence)
  board.classList.remove("stale")
  // Without news for half a minute the picture is old: it turns pale instead of looking like now.
  board.silence = setTimeout(() => board.classList.add("stale"), 30000)
}

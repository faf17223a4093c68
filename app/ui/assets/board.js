function sentence(item, words, colors) {
  if (words.icon) icon(item, words.icon, colors[words.token])
  if (words.quiet) item.className = "quiet"
  for (const [part, href] of words.parts) {
    if (!href) text(item, "span", "", part)
    else text(item, "a", "", part).setAttribute("href", href)
  }
}

function fill(item, card, colors) {
  const link = item.firstChild ?? item.appendChild(document.createElement("a"))
  link.replaceChildren()
  link.className = card.alarm ? "alarm" : ""
  link.setAttribute("href", card.href)
  link.style.setProperty("--state", colors[card.token] || "currentColor")
  link.title = card.hint
  const head = text(link, "span", "head", "")
  text(head, "span", "name", card.name)
  text(head, "span", "oee", card.oee)
  text(link, "span", "line", card.line)
  const state = text(link, "span", "state", "")
  icon(state, card.icon, colors[card.mark])
  text(state, "span", "word", card.state)
  text(link, "span", "why", card.why)
  const level = text(text(link, "span", "bar", ""), "i", "", "")
  level.style.width = `${Math.round(100 * Math.min(1, card.share || 0))}%`
  text(link, "span", card.behind ? "parts behind" : "parts", card.parts)
  if (card.health != null) text(link, "span", "health", `Health ${card.health}`)
}

function note(item, words, colors) {
  item.replaceChildren()
  item.className = ""
  sentence(item, words, colors)
}

export default function ({ parentElement, data }) {
  const board = parentElement.querySelector(".board")
  const content = JSON.parse(new TextDecoder().decode(data))
  const night = dark(parentElement)
  const colors = PALETTE[night ? "dark" : "light"]
  board.style.setProperty("--muted", colors["@muted"])
  list(board.querySelector(".why ul"), content.why, night, (item, words) => note(item, words, colors))
  list(board.querySelector(".attention ul"), content.attention, night, (item, words) => note(item, words, colors))
  list(board.querySelector(".wall"), content.wall, night, (item, card) => fill(item, card, colors))
}

function dark(element) {
  const color = getComputedStyle(element).getPropertyValue("--st-background-color").trim()
  const probe = document.createElement("span")
  probe.style.color = color
  document.body.appendChild(probe)
  const parts = (getComputedStyle(probe).color.match(/[\d.]+/g) || [255, 255, 255]).map(Number)
  probe.remove()
  return parts[0] * 0.3 + parts[1] * 0.59 + parts[2] * 0.11 < 128
}

function text(parent, tag, kind, words) {
  const element = document.createElement(tag)
  if (kind) element.className = kind
  element.textContent = words
  parent.appendChild(element)
  return element
}

function icon(parent, name, color) {
  const mark = text(parent, "span", "mark", name)
  mark.setAttribute("aria-hidden", "true")
  if (color) mark.style.setProperty("--tone", color)
}

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
}

function list(parent, items, colors, night, draw) {
  while (parent.children.length > items.length) parent.lastChild.remove()
  items.forEach((words, position) => {
    const item = parent.children[position] ?? parent.appendChild(document.createElement("li"))
    // What did not change keeps its elements, and with them the keyboard's focus.
    const spelled = `${night}${JSON.stringify(words)}`
    if (item.dataset.spelled === spelled) return
    item.dataset.spelled = spelled
    draw(item, words, colors)
  })
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
  list(board.querySelector(".why ul"), content.why, colors, night, note)
  list(board.querySelector(".attention ul"), content.attention, colors, night, note)
  list(board.querySelector(".wall"), content.wall, colors, night, fill)
}

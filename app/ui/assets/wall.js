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
  element.className = kind
  element.textContent = words
  parent.appendChild(element)
  return element
}

function fill(button, card, colors) {
  button.replaceChildren()
  button.className = card.alarm ? "alarm" : ""
  button.style.setProperty("--state", colors[card.token] || colors["@" + card.token] || "currentColor")
  button.title = card.missing ? `Not evaluable: ${card.missing}` : ""
  const head = text(button, "span", "head", "")
  text(head, "span", "name", card.name)
  text(head, "span", "oee", card.oee)
  text(button, "span", "line", card.line)
  const state = text(button, "span", "state", "")
  const mark = text(state, "span", "mark", card.icon)
  mark.setAttribute("aria-hidden", "true")
  text(state, "span", "word", card.since ? `${card.state} ${card.since}` : card.state)
  text(button, "span", "why", card.missing ? `needs ${card.missing}` : card.reason)
  const bar = text(button, "span", "bar", "")
  const level = text(bar, "i", "", "")
  level.style.width = `${Math.round(100 * Math.min(1, card.share || 0))}%`
  text(button, "span", card.behind ? "parts behind" : "parts", card.behind ? `${card.parts} ▾` : card.parts)
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul.wall")
  const cards = data instanceof Uint8Array || data instanceof ArrayBuffer
    ? JSON.parse(new TextDecoder().decode(data)) : data
  const colors = PALETTE[dark(parentElement) ? "dark" : "light"]
  while (list.children.length > cards.length) list.lastChild.remove()
  cards.forEach((card, position) => {
    let button = list.children[position] && list.children[position].firstChild
    if (!button) {
      const item = document.createElement("li")
      button = document.createElement("button")
      button.type = "button"
      item.appendChild(button)
      list.appendChild(item)
    }
    const spelled = JSON.stringify(card)
    if (button.dataset.card === spelled && button.dataset.dark === String(dark(parentElement))) return
    button.dataset.card = spelled
    button.dataset.dark = String(dark(parentElement))
    fill(button, card, colors)
    button.onclick = () => setTriggerValue("open", card.key)
  })
}

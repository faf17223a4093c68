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

function list(parent, items, night, draw) {
  while (parent.children.length > items.length) parent.lastChild.remove()
  items.forEach((found, position) => {
    const item = parent.children[position] ?? parent.appendChild(document.createElement("li"))
    // What did not change keeps its elements, and with them the keyboard's focus.
    const spelled = `${night}${JSON.stringify(found)}`
    if (item.dataset.spelled === spelled) return
    item.dataset.spelled = spelled
    draw(item, found)
  })
}


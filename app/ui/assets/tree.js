const VIEWS = new WeakMap()
const UNITS = [["s", 1], ["min", 60], ["h", 3600], ["d", 86400]]
const WORDS = { AND: "All of these", OR: "Any of these", NOT: "None of these" }
const BETWEEN = { AND: "AND", OR: "OR", NOT: "OR" }
const SHARED = ["parameter", "operator", "threshold", "upper", "for_s"]
const TYPING_MS = 400

const isGroup = (node) => Array.isArray(node?.conditions)
const copied = (value) => JSON.parse(JSON.stringify(value))
const depthOf = (node) => (isGroup(node) ? 1 + Math.max(0, ...node.conditions.map(depthOf)) : 1)

function el(tag, props, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? "" : value)
  }
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

function button(view, at, icon, label, action, options = {}) {
  const mark = el("span", { class: "gt-icon", "aria-hidden": "true" }, icon)
  return el(
    "button",
    { type: "button", "data-at": at, title: label, "aria-label": label, class: options.text ? "gt-plain" : "",
      disabled: options.disabled, onclick: action },
    mark, options.text ? ` ${options.text}` : null)
}

// Places: a list of numbers, the level first.
function nodeAt(view, path) {
  let node = view.levels[path[0]].conditions
  for (const step of path.slice(1)) node = node.conditions[step]
  return node
}

function put(view, path, node) {
  if (path.length === 1) view.levels[path[0]].conditions = node
  else nodeAt(view, path.slice(0, -1)).conditions[path.at(-1)] = node
}

function siblings(view, path) {
  return path.length > 1 ? nodeAt(view, path.slice(0, -1)).conditions : null
}

function send(view) {
  clearTimeout(view.typing)
  view.typing = undefined
  view.component.setStateValue("change", { stamp: Date.now() + Math.random(), round: view.round, levels: copied(view.levels) })
}

function changed(view, focus, said) {
  send(view)
  draw(view, focus)
  if (said) view.status.textContent = said
}

function typed(view) {
  clearTimeout(view.typing)
  view.typing = setTimeout(() => send(view), TYPING_MS)
}

const name = (path) => path.join("/")

// What a person does to a node.
const ACTIONS = {
  add(view, path, part) {
    const node = nodeAt(view, path)
    if (isGroup(node)) node.conditions.push(part)
    else put(view, path, { operator: "AND", conditions: [node, part] })
    const place = [...path, isGroup(node) ? node.conditions.length - 1 : 1]
    const what = isGroup(part) ? `${name([...place, 0])}:kind` : `${name(place)}:kind`
    changed(view, what, isGroup(part) ? "Group added" : "Condition added")
  },
  negate(view, path) {
    const node = nodeAt(view, path)
    if (isGroup(node) && node.operator === "NOT") {
      const inner = node.conditions.length === 1 && !node.for_s ? node.conditions[0] : { ...node, operator: "OR" }
      put(view, path, inner)
    } else put(view, path, { operator: "NOT", conditions: [node] })
    changed(view, `${name(path)}:negate`, "Negated")
  },
  wrap(view, path) {
    put(view, path, { operator: "AND", conditions: [nodeAt(view, path)] })
    changed(view, `${name(path)}:operator`, "Put into a group")
  },
  copy(view, path) {
    const row = siblings(view, path)
    const place = [...path.slice(0, -1), path.at(-1) + 1]
    if (!row) return
    row.splice(place.at(-1), 0, copied(nodeAt(view, path)))
    changed(view, `${name(place)}:kind`, "Copied")
  },
  remove(view, path) {
    const row = siblings(view, path)
    if (!row) put(view, path, copied(view.fresh))
    else row.splice(path.at(-1), 1)
    const stays = row && row.length ? [...path.slice(0, -1), Math.min(path.at(-1), row.length - 1)] : path.slice(0, Math.max(1, path.length - 1))
    changed(view, `${name(stays)}:remove`, "Removed")
  },
  up(view, path) { moved(view, path, -1) },
  down(view, path) { moved(view, path, 1) },
  into(view, path) {
    const row = siblings(view, path)
    const before = row?.[path.at(-1) - 1]
    if (!row || !isGroup(before)) return
    const [node] = row.splice(path.at(-1), 1)
    before.conditions.push(node)
    const place = [...path.slice(0, -1), path.at(-1) - 1, before.conditions.length - 1]
    changed(view, `${name(place)}:into`, "Moved into the group before it")
  },
  out(view, path) {
    if (path.length < 3) return
    const [node] = siblings(view, path).splice(path.at(-1), 1)
    const place = [...path.slice(0, -2), path.at(-2) + 1]
    siblings(view, place).splice(place.at(-1), 0, node)
    changed(view, `${name(place)}:out`, "Moved out of its group")
  },
}

function moved(view, path, by) {
  const row = siblings(view, path)
  const to = path.at(-1) + by
  if (!row || to < 0 || to >= row.length) return
  row.splice(to, 0, ...row.splice(path.at(-1), 1))
  changed(view, `${name([...path.slice(0, -1), to])}:${by < 0 ? "up" : "down"}`, by < 0 ? "Moved up" : "Moved down")
}

function tools(view, path) {
  const node = nodeAt(view, path)
  const row = siblings(view, path)
  const at = name(path)
  const here = path.at(-1)
  const tool = (what, icon, label, disabled) =>
    button(view, `${at}:${what}`, icon, label, () => ACTIONS[what](view, path), { disabled })
  const isDeep = path.length - 1 + depthOf(node) >= view.deepest
  const isNot = isGroup(node) && node.operator === "NOT"
  return el("span", { class: "gt-tools" },
    tool("negate", "block", isNot ? "Take the negation away" : "Negate", !isNot && isDeep),
    tool("wrap", "data_object", "Put into a group of its own", isDeep),
    tool("up", "arrow_upward", "Move up", !row || here === 0),
    tool("down", "arrow_downward", "Move down", !row || here === row.length - 1),
    tool("into", "subdirectory_arrow_right", "Move into the group before it", !row || !isGroup(row[here - 1])),
    tool("out", "keyboard_return", "Move out of its group", path.length < 3),
    tool("copy", "content_copy", "Copy", !row),
    tool("remove", "delete", "Remove"))
}

function problem(place) {
  return el("div", { class: "gt-problem", "data-mark": place, id: `gt-${place.replace(/[/:]/g, "-")}` })
}

function select(at, label, value, choices, onchange) {
  const options = choices.map(([key, word]) => el("option", { value: key, selected: key === value }, word))
  if (value !== undefined && !choices.some(([key]) => key === value))
    options.unshift(el("option", { value, selected: true }, value === "" ? "choose" : String(value)))
  return el("select", { "data-at": at, "aria-label": label, onchange: (event) => onchange(event.target.value) }, ...options)
}

function numberOf(text) {
  const plain = text.trim().replace(",", ".")
  if (plain === "") return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : text.trim()
}

function assign(node, field, value) {
  if (value === undefined || value === "") delete node[field]
  else node[field] = value
}

function entry(view, at, label, value, kind, oninput, describes) {
  return el("input", { type: "text", "data-at": at, class: kind, "aria-label": label, "aria-describedby": describes,
    inputmode: kind === "gt-text" ? "text" : "decimal", autocomplete: "off", value: value ?? "",
    oninput: (event) => { oninput(event.target.value); typed(view) },
    onchange: () => { if (view.typing) send(view) } })
}

function seconds(view, path, node, field, label) {
  const at = `${name(path)}:${field}`
  const value = node[field]
  const [word, size] = [...UNITS].reverse().find(([, unit]) => typeof value === "number" && value >= unit && value % unit === 0) ?? UNITS[field === "for_s" ? 1 : 0]
  let unit = size
  const input = entry(view, at, `${label}, amount`, typeof value === "number" ? (value === 0 ? "" : value / size) : value, "gt-small", (text) => {
    const amount = numberOf(text)
    assign(node, field, typeof amount === "number" ? amount * unit : amount)
  }, `gt-${at.replace(/[/:]/g, "-")}`)
  const units = select(`${at}-unit`, `${label}, unit`, word, UNITS.map(([key]) => [key, key]), (chosen) => {
    unit = UNITS.find(([key]) => key === chosen)[1]
    const amount = numberOf(input.value)
    if (typeof amount === "number") { node[field] = amount * unit; send(view) }
  })
  return el("label", {}, el("span", {}, label), input, units)
}

function parameterField(view, path, node) {
  const at = `${name(path)}:parameter`
  const choices = view.parameters.map((one) => [one.key, one.name === one.key ? one.key : `${one.name} (${one.key})`])
  return select(at, "Parameter", node.parameter ?? "", choices, (chosen) => {
    node.parameter = chosen
    changed(view, at)
  })
}

function field(view, path, node, shape) {
  const at = `${name(path)}:${shape.name}`
  const known = view.parameters.find((one) => one.key === node.parameter)
  const isWord = known?.type === "string" && (node.kind ?? "threshold") === "threshold"
  switch (shape.entry) {
    case "parameter": return parameterField(view, path, node)
    case "seconds": {
      const holder = shape.name in node || shape.needed ? node : Object.assign(node, { [shape.name]: shape.default })
      return seconds(view, path, holder, shape.name, shape.label)
    }
    case "choice": {
      const choices = shape.name === "operator" && isWord ? shape.choices.filter(([key]) => key === "eq" || key === "neq") : shape.choices
      return select(at, shape.label, node[shape.name] ?? shape.default ?? "", choices, (chosen) => {
        node[shape.name] = chosen
        tidied(view, node)
        changed(view, at)
      })
    }
    case "states": {
      const chosen = new Set(node.states ?? [])
      const boxes = shape.choices.map(([key, word]) => el("label", {}, el("input", { type: "checkbox",
        "data-at": `${at}-${key}`, checked: chosen.has(key), onchange: (event) => {
          if (event.target.checked) chosen.add(key)
          else chosen.delete(key)
          node.states = shape.choices.map(([one]) => one).filter((one) => chosen.has(one))
          send(view)
        } }), el("span", {}, word)))
      return el("fieldset", {}, el("legend", {}, "States"), ...boxes)
    }
    default: {
      const words = shape.entry === "value" ? (isWord ? "gt-text" : "gt-number") : "gt-small"
      const box = entry(view, at, shape.label, node[shape.name] ?? shape.default, words,
        (text) => assign(node, shape.name, isWord && shape.name === "threshold" ? text : numberOf(text)), `gt-${at.replace(/[/:]/g, "-")}`)
      const unit = shape.entry === "value" && node.measure !== "count" ? known?.unit : ""
      const said = shape.name === "threshold" || shape.name === "n" ? null : el("span", {}, shape.name === "upper" ? "and" : shape.label.toLowerCase())
      return el("label", {}, said, box, unit ? el("span", { class: "gt-unit" }, unit) : null)
    }
  }
}

const fits = (node, shape) => !shape.only || shape.only[1].includes(node[shape.only[0]])

function shapeOf(view, node) {
  return view.shapes.find((one) => one.kind === (node.kind ?? "threshold"))
}

function tidied(view, node) {
  for (const shape of shapeOf(view, node)?.fields ?? []) if (!fits(node, shape)) delete node[shape.name]
}

function rekinded(view, path, kind) {
  const before = nodeAt(view, path)
  const node = { kind }
  for (const shape of view.shapes.find((one) => one.kind === kind).fields) {
    const kept = SHARED.includes(shape.name) || shape.name.endsWith("_s") ? before[shape.name] : undefined
    const value = kept ?? (shape.needed ? shape.start : undefined)
    if (shape.name === "parameter") node.parameter = before.parameter ?? view.fresh.parameter
    else if (value !== null) assign(node, shape.name, value)
  }
  assign(node, "for_s", before.for_s)
  tidied(view, node)
  put(view, path, node)
  changed(view, `${name(path)}:kind`)
}

function drawLeaf(view, path) {
  const node = nodeAt(view, path)
  const shape = shapeOf(view, node)
  const at = name(path)
  const kinds = select(`${at}:kind`, "Kind of condition", node.kind ?? "threshold", view.shapes.map((one) => [one.kind, one.name]),
    (kind) => rekinded(view, path, kind))
  kinds.title = shape?.hint ?? ""
  const shown = (shape?.fields ?? []).filter((one) => fits(node, one))
  const row = el("div", { class: "gt-row" }, kinds, ...shown.map((one) => field(view, path, node, one)),
    seconds(view, path, node, "for_s", "for at least"), tools(view, path))
  const places = new Set([...(shape?.fields ?? []).map((one) => one.name), "for_s", "kind"])
  return el("div", { class: "gt-node gt-leaf", role: "group", "aria-label": "Condition", "data-path": at }, row,
    ...[...places].map((one) => problem(`${at}:${one}`)), problem(`${at}:`))
}

function drawGroup(view, path) {
  const node = nodeAt(view, path)
  const at = name(path)
  const word = String(node.operator).toUpperCase()
  const operator = select(`${at}:operator`, "How the parts go together", word, Object.entries(WORDS), (chosen) => {
    node.operator = chosen
    changed(view, `${at}:operator`)
  })
  const parts = node.conditions.flatMap((part, number) => [
    number ? el("div", { class: "gt-between", "aria-hidden": "true" }, BETWEEN[word] ?? word) : null,
    drawNode(view, [...path, number]),
  ])
  return el("div", { class: `gt-node gt-group ${word === "NOT" ? "gt-not" : ""}`, role: "group",
    "aria-label": `${WORDS[word] ?? word}, ${node.conditions.length}`, "data-path": at },
    el("div", { class: "gt-row" }, operator, seconds(view, path, node, "for_s", "for at least"), tools(view, path)),
    problem(`${at}:operator`), problem(`${at}:for_s`), problem(`${at}:conditions`), problem(`${at}:`),
    el("div", { class: "gt-parts" }, ...parts.filter(Boolean)), adders(view, path))
}

function adders(view, path) {
  const at = name(path)
  const isDeep = path.length + 1 > view.deepest
  return el("div", { class: "gt-bar" },
    button(view, `${at}:add`, "add", "Add a condition here", () => ACTIONS.add(view, path, copied(view.fresh)), { text: "Condition", disabled: isDeep }),
    button(view, `${at}:group`, "add", "Add a group here",
      () => ACTIONS.add(view, path, { operator: "OR", conditions: [copied(view.fresh)] }), { text: "Group", disabled: path.length + 2 > view.deepest }))
}

function drawNode(view, path) {
  return isGroup(nodeAt(view, path)) ? drawGroup(view, path) : drawLeaf(view, path)
}

function drawLevel(view, number) {
  const level = view.levels[number]
  const head = el("div", { class: "gt-bar" },
    select(`${number}:severity`, "Severity", level.severity, view.severities.map((one) => [one, one]), (chosen) => {
      level.severity = chosen
      changed(view, `${number}:severity`)
    }),
    el("span", {}, "while"),
    view.levels.length > 1 ? button(view, `${number}:drop`, "delete", `Remove the level ${level.severity}`, () => {
      view.levels.splice(number, 1)
      changed(view, `${Math.max(0, number - 1)}:severity`, "Level removed")
    }) : null,
    problem(`${number}:severity`))
  return el("section", { class: "gt-level", "aria-label": `Severity ${level.severity}` }, head, drawNode(view, [number]),
    isGroup(level.conditions) ? null : adders(view, [number]))
}

function drawFoot(view) {
  const free = view.severities.filter((one) => !view.levels.some((level) => level.severity === one))
  return el("div", { class: "gt-bar" },
    button(view, "foot:level", "add", "Add another severity with its own conditions", () => {
      view.levels.push({ severity: free.at(-1), conditions: copied(view.levels.at(-1).conditions) })
      changed(view, `${view.levels.length - 1}:severity`, "Level added")
    }, { text: "Severity", disabled: !free.length }),
    button(view, "foot:undo", "undo", "Undo (Ctrl+Z)", () => step(view, "undo"), { text: "Undo", disabled: !view.can.undo }),
    button(view, "foot:redo", "redo", "Redo (Ctrl+Y)", () => step(view, "redo"), { text: "Redo", disabled: !view.can.redo }))
}

function step(view, which) {
  if (view.typing) send(view)
  view.component.setTriggerValue("step", which)
}

function draw(view, focus) {
  const active = document.activeElement
  const wanted = focus ?? (view.root.contains(active) ? active.dataset.at : undefined)
  view.holder.replaceChildren(...view.levels.map((_, number) => drawLevel(view, number)), drawFoot(view))
  mark(view)
  if (!wanted) return
  const found = view.holder.querySelector(`[data-at="${CSS.escape(wanted)}"]:not(:disabled)`) ??
    view.holder.querySelector(`[data-path="${CSS.escape(wanted.split(":")[0])}"] :is(select, button):not(:disabled)`)
  found?.focus()
}

function mark(view) {
  for (const place of view.holder.querySelectorAll("[data-mark]")) {
    const said = view.marks[place.dataset.mark] ?? ""
    if (place.textContent !== said) place.textContent = said
    const box = view.holder.querySelector(`[data-at="${CSS.escape(place.dataset.mark)}"]`)
    if (said) box?.setAttribute("aria-invalid", "true")
    else box?.removeAttribute("aria-invalid")
  }
  for (const node of view.holder.querySelectorAll(".gt-node")) {
    const own = [...node.querySelectorAll(":scope > .gt-problem")].some((one) => one.textContent)
    node.classList.toggle("gt-wrong", own)
  }
  for (const which of ["undo", "redo"]) {
    const found = view.holder.querySelector(`[data-at="foot:${which}"]`)
    if (found) found.disabled = !view.can[which]
  }
}

function pressed(view, event) {
  const isText = event.target.matches("input[type=text]")
  const key = event.key.toLowerCase()
  if ((event.ctrlKey || event.metaKey) && !isText && (key === "z" || key === "y")) {
    event.preventDefault()
    step(view, key === "y" || event.shiftKey ? "redo" : "undo")
  }
  const moves = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "into" }
  const node = event.target.closest("[data-path]")
  if (event.altKey && moves[event.key] && node) {
    event.preventDefault()
    ACTIONS[moves[event.key]](view, node.dataset.path.split("/").map(Number))
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".gemba-tree")
  let view = VIEWS.get(root)
  if (!view) {
    view = { root, holder: root.querySelector(".gt-levels"), status: root.querySelector(".gt-status") }
    root.addEventListener("keydown", (event) => pressed(view, event))
    VIEWS.set(root, view)
  }
  view.component = component
  const text = new TextDecoder().decode(component.data)
  if (text === view.text) return
  view.text = text
  const data = JSON.parse(text)
  const isOther = view.round !== data.round || !view.levels
  const isOffer = JSON.stringify(view.parameters) !== JSON.stringify(data.parameters)
  const { levels, ...rest } = data
  Object.assign(view, rest)
  if (isOther) view.levels = levels
  if (isOther || isOffer) draw(view)
  else mark(view)
}

const SIGHTS = new WeakMap()
const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array }
const SECOND = 1e6
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  ...[1, 5, 15, 30].map((each) => each * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((each) => each * MINUTE),
  ...[1, 2, 3, 6, 12].map((each) => each * HOUR),
  ...[1, 2, 7, 14, 28].map((each) => each * DAY),
]
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const CLOSEST = 5 * SECOND
const RIGHT = 12
const ABOVE = 26
const TOOLS = 34
const AXIS = 46
const TALL = 12
const TICK_PX = 72
const DRAG_PX = 6
const DOUBLE_CLICK_MS = 300
const NONE = 255

function column(packed) {
  if (Array.isArray(packed)) return packed
  const raw = atob(packed.bdata)
  const bytes = new Uint8Array(raw.length)
  for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at)
  return new TYPES[packed.dtype](bytes.buffer)
}

function unpacked(data) {
  const names = ["lane", "kind", "reason", "low", "high"]
  const columns = Object.fromEntries(names.map((name) => [name, column(data[name])]))
  // Pieces come by lane and time: where those of each lane begin.
  const first = new Array(data.lanes.length + 1).fill(columns.lane.length)
  for (let at = columns.lane.length - 1; at >= 0; at--) first[columns.lane[at]] = at
  for (let lane = data.lanes.length - 1; lane >= 0; lane--) first[lane] = Math.min(first[lane], first[lane + 1])
  return { ...data, ...columns, first }
}

function startOf(data, piece) {
  return data.start + data.low[piece] * data.step
}

function endOf(data, piece) {
  return data.start + data.high[piece] * data.step
}

function ahead(data, time) {
  let found = data.offsets[0][1]
  for (const [from, offset] of data.offsets) if (from <= time) found = offset
  return found
}

function clock(data, time, parts) {
  const date = new Date((time + ahead(data, time)) / 1000)
  const two = (number) => String(number).padStart(2, "0")
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`
  const words = {
    day,
    weekday: `${WEEKDAYS[date.getUTCDay()]} ${day}`,
    minute: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
    second: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`,
  }
  return parts.map((part) => words[part]).join(" ")
}

function length(us) {
  const seconds = Math.round(us / SECOND)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(us / MINUTE + 0.5)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`
}

function ticks(data, from, to, most) {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? 28 * DAY * Math.ceil((to - from) / (28 * DAY) / most)
  const found = []
  data.offsets.forEach(([begin, offset], place) => {
    const low = Math.max(from, place === 0 ? -Infinity : begin)
    const high = Math.min(to, data.offsets[place + 1]?.[0] ?? Infinity)
    for (let local = Math.ceil((low + offset) / step) * step; local - offset < high; local += step) found.push(local - offset)
  })
  return { step, found }
}

function hatch(context, tone, line) {
  const tile = document.createElement("canvas")
  tile.width = tile.height = 6
  const pen = tile.getContext("2d")
  pen.fillStyle = tone
  pen.fillRect(0, 0, 6, 6)
  pen.strokeStyle = line
  pen.beginPath()
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift, 6)
    pen.lineTo(shift + 6, 0)
  }
  pen.stroke()
  return context.createPattern(tile, "repeat")
}

function shortened(pen, words, width) {
  if (pen.measureText(words).width <= width) return words
  let kept = words.length
  while (kept > 1 && pen.measureText(`${words.slice(0, kept)}…`).width > width) kept--
  return `${words.slice(0, kept)}…`
}

// Which kind holds most of each pixel of a lane, as `analytics.timeline.thinning` decides for stretches.
function shownOf(data, lane, from, scale, pixels, kinds) {
  const shown = new Uint8Array(pixels).fill(NONE)
  const held = new Float64Array(kinds)
  let pixel = -1
  const settle = () => {
    if (pixel < 0) return
    let best = NONE
    for (let kind = 0; kind < kinds; kind++) if (held[kind] > (best === NONE ? 0 : held[best])) best = kind
    shown[pixel] = best
    held.fill(0)
  }
  const add = (at, kind, share) => {
    if (at >= pixels) return
    if (at !== pixel) {
      settle()
      pixel = at
    }
    held[kind] += share
  }
  for (let piece = data.first[lane]; piece < data.first[lane + 1]; piece++) {
    const begin = Math.max(0, (startOf(data, piece) - from) * scale)
    const end = Math.min(pixels, (endOf(data, piece) - from) * scale)
    if (end <= begin) continue
    const [left, right] = [Math.floor(begin), Math.floor(end)]
    if (left === right) {
      add(left, data.kind[piece], end - begin)
      continue
    }
    add(left, data.kind[piece], left + 1 - begin)
    shown.fill(data.kind[piece], left + 1, right)
    if (end > right) add(right, data.kind[piece], end - right)
  }
  settle()
  return shown
}

function placed(view, pen) {
  const { data, canvas } = view
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  const names = Math.max(0, ...data.lanes.map(([, name]) => pen.measureText(name).width))
  const left = Math.ceil(Math.min(names, width * 0.34)) + 10
  // Where there is no pointer to hover with, the buttons are always there.
  const top = (data.lanes.length > TALL ? ABOVE : 4) + (matchMedia("(pointer: coarse)").matches ? TOOLS : 0)
  const area = Math.max(1, height - top - AXIS)
  return { width, height, left, top, span: Math.max(1, width - left - RIGHT), area, lane: area / Math.max(1, data.lanes.length) }
}

function draw(view) {
  const { data, canvas, root } = view
  const ratio = window.devicePixelRatio || 1
  const pen = canvas.getContext("2d")
  if (canvas.clientWidth === 0) return
  canvas.width = Math.round(canvas.clientWidth * ratio)
  canvas.height = Math.round(canvas.clientHeight * ratio)
  const style = getComputedStyle(root)
  const colors = PALETTE[dark(view.parent) ? "dark" : "light"]
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.font = `12px ${style.fontFamily}`
  const at = (view.at = placed(view, pen))
  const [from, to] = view.zoom ?? [data.start, data.end]
  view.range = [from, to]
  axis(pen, view, from, to, colors)
  pen.setTransform(1, 0, 0, 1, 0, 0)
  const fills = data.kinds.map(([token, , hatched]) => (hatched ? hatch(pen, colors[token], colors["@hatch"]) : colors[token]))
  const pixels = Math.round(at.span * ratio)
  data.lanes.forEach((_, lane) => {
    const shown = shownOf(data, lane, from, pixels / (to - from), pixels, fills.length)
    const top = Math.round((at.top + (lane + 0.125) * at.lane) * ratio)
    const high = Math.max(1, Math.round(at.lane * 0.75 * ratio))
    let begin = 0
    for (let pixel = 1; pixel <= pixels; pixel++) {
      if (pixel < pixels && shown[pixel] === shown[begin]) continue
      if (shown[begin] !== NONE) {
        pen.fillStyle = fills[shown[begin]]
        pen.fillRect(Math.round(at.left * ratio) + begin, top, pixel - begin, high)
      }
      begin = pixel
    }
  })
  root.dataset.state = "ready"
  root.dataset.draws = String(Number(root.dataset.draws ?? 0) + 1)
  root.dataset.pieces = String(data.lane.length)
  root.dataset.area = JSON.stringify([at.left, at.top, at.span, at.lane])
  root.dataset.from = String(from)
  root.dataset.to = String(to)
}

function axis(pen, view, from, to, colors) {
  const { data, at } = view
  const { step, found } = ticks(data, from, to, Math.max(2, Math.floor(at.span / TICK_PX)))
  const bottom = at.top + at.area
  const tops = data.lanes.length > TALL
  pen.textBaseline = "middle"
  pen.textAlign = "right"
  pen.fillStyle = colors["@text"]
  data.lanes.forEach(([, name], lane) => {
    pen.fillText(shortened(pen, name, at.left - 10), at.left - 8, at.top + (lane + 0.5) * at.lane)
  })
  pen.textAlign = "center"
  pen.fillStyle = colors["@muted"]
  pen.strokeStyle = colors["@grid"]
  let named = ""
  for (const time of found) {
    const x = at.left + ((time - from) / (to - from)) * at.span
    pen.beginPath()
    pen.moveTo(Math.round(x) + 0.5, at.top)
    pen.lineTo(Math.round(x) + 0.5, bottom)
    pen.stroke()
    const words = step >= DAY ? (step >= 7 * DAY ? "day" : "weekday") : step >= MINUTE ? "minute" : "second"
    const spelled = clock(data, time, [words])
    const inside = Math.min(Math.max(x, at.left + 14), at.left + at.span - 14)
    pen.fillText(spelled, inside, bottom + 10)
    if (tops) pen.fillText(spelled, inside, at.top - 12)
    const day = clock(data, time, ["weekday"])
    if (step < DAY && day !== named) pen.fillText(day, Math.min(Math.max(x, at.left + 28), at.left + at.span - 28), bottom + 24)
    named = day
  }
  pen.fillText(data.axis, at.left + at.span / 2, bottom + 38)
  if (data.note) pen.fillText(data.note, at.left + at.span / 2, at.top + at.area / 2)
}

function legend(view) {
  const colors = PALETTE[dark(view.parent) ? "dark" : "light"]
  view.legend.replaceChildren()
  for (const [token, word, hatched] of view.data.kinds) {
    const item = text(view.legend, "li", "", "")
    const mark = text(item, "i", "", "")
    const line = colors["@hatch"]
    mark.style.background = hatched ? `repeating-linear-gradient(135deg, ${colors[token]} 0 3px, ${line} 3px 4px)` : colors[token]
    text(item, "span", "", word)
  }
}

function show(view, from, to) {
  const { data } = view
  const whole = data.end - data.start
  const wide = Math.min(Math.max(to - from, CLOSEST), whole)
  const begin = Math.min(Math.max(from, data.start), data.end - wide)
  view.zoom = wide >= whole ? null : [Math.round(begin), Math.round(begin + wide)]
  view.tip.hidden = true
  draw(view)
  report(view)
}

function scaled(view, factor, around) {
  const [from, to] = view.range
  const middle = around ?? (from + to) / 2
  show(view, middle - (middle - from) * factor, middle + (to - middle) * factor)
}

function shifted(view, share) {
  const [from, to] = view.range
  show(view, from + share * (to - from), to + share * (to - from))
}

function reset(view) {
  show(view, view.data.start, view.data.end)
}

function report(view) {
  if (!view.data.range) return
  clearTimeout(view.timer)
  view.timer = setTimeout(() => {
    const value = { revision: view.data.revision, zoom: view.zoom }
    const spelled = JSON.stringify(value)
    if (spelled === view.reported || view.gone) return
    view.reported = spelled
    view.send.setStateValue("range", value)
  }, 250)
}

function timeAt(view, x) {
  const [from, to] = view.range
  const share = Math.min(Math.max((x - view.at.left) / view.at.span, 0), 1)
  return from + share * (to - from)
}

function pieceAt(view, x, y) {
  const { data, at } = view
  if (!at || x < at.left || x > at.left + at.span || y < at.top || y >= at.top + at.area) return -1
  const lane = Math.floor((y - at.top) / at.lane)
  const ratio = window.devicePixelRatio || 1
  const pixel = Math.floor((x - at.left) * ratio)
  const [low, high] = [pixel, pixel + 1].map((each) => timeAt(view, at.left + each / ratio))
  // The first piece that ends after the pixel begins.
  let [left, right] = [data.first[lane], data.first[lane + 1]]
  while (left < right) {
    const middle = (left + right) >> 1
    if (endOf(data, middle) > low) right = middle
    else left = middle + 1
  }
  let best = -1
  let most = 0
  for (let piece = left; piece < data.first[lane + 1] && startOf(data, piece) < high; piece++) {
    const shared = Math.min(high, endOf(data, piece)) - Math.max(low, startOf(data, piece))
    if (shared > most) [best, most] = [piece, shared]
  }
  return best
}

function hint(view, event) {
  const piece = pieceAt(view, event.offsetX, event.offsetY)
  view.tip.hidden = piece < 0
  if (piece < 0) return
  const { data, tip, at } = view
  const [start, end] = [startOf(data, piece), endOf(data, piece)]
  const reason = data.reasons[data.reason[piece]]
  tip.replaceChildren()
  text(tip, "b", "", `${data.lanes[data.lane[piece]][1]}: ${data.kinds[data.kind[piece]][1]}`)
  if (reason) text(tip, "span", "", reason)
  const later = clock(data, start, ["day"]) === clock(data, end, ["day"]) ? ["second"] : ["weekday", "second"]
  text(tip, "span", "", `${clock(data, start, ["weekday", "second"])} to ${clock(data, end, later)}`)
  text(tip, "span", "", length(end - start))
  const across = event.offsetX + 14 + tip.offsetWidth > at.width ? event.offsetX - 14 - tip.offsetWidth : event.offsetX + 14
  const down = event.offsetY + 14 + tip.offsetHeight > at.height ? event.offsetY - 8 - tip.offsetHeight : event.offsetY + 14
  tip.style.left = `${Math.max(0, across)}px`
  tip.style.top = `${Math.max(0, down)}px`
}

function pressed(view, event) {
  if (event.button !== 0 || !view.at) return
  view.press = { x: event.offsetX, y: event.offsetY, range: view.range, coarse: event.pointerType === "touch" }
  view.canvas.setPointerCapture(event.pointerId)
}

function moved(view, event) {
  const { press, at, box } = view
  if (!press) return hint(view, event)
  if (Math.abs(event.offsetX - press.x) < DRAG_PX && !press.drags) return
  press.drags = true
  view.tip.hidden = true
  if (press.coarse) {
    const share = (press.x - event.offsetX) / at.span
    const wide = press.range[1] - press.range[0]
    return show(view, press.range[0] + share * wide, press.range[1] + share * wide)
  }
  const [left, right] = [press.x, event.offsetX].map((x) => Math.min(Math.max(x, at.left), at.left + at.span)).sort((a, b) => a - b)
  box.hidden = false
  Object.assign(box.style, { left: `${left}px`, width: `${right - left}px`, top: `${at.top}px`, height: `${at.area}px` })
}

function released(view, event) {
  const { press } = view
  view.press = null
  view.box.hidden = true
  if (!press) return
  if (press.drags && !press.coarse) {
    const [from, to] = [timeAt(view, press.x), timeAt(view, event.offsetX)].sort((a, b) => a - b)
    show(view, from, to)
  } else if (!press.drags) {
    // A second click may follow: then all is shown again, and nothing was asked.
    clearTimeout(view.single)
    if (event.timeStamp - (view.clicked ?? -DOUBLE_CLICK_MS) < DOUBLE_CLICK_MS) {
      view.clicked = undefined
      reset(view)
    } else {
      view.clicked = event.timeStamp
      view.single = setTimeout(() => chosen(view, press.x, press.y), DOUBLE_CLICK_MS)
    }
  }
}

function chosen(view, x, y) {
  const piece = pieceAt(view, x, y)
  if (piece < 0 || !view.data.click || view.gone) return
  const { data } = view
  view.send.setTriggerValue("click", {
    machine: data.lanes[data.lane[piece]][0],
    start: startOf(data, piece),
    end: endOf(data, piece),
  })
}

function keyed(view, event) {
  if (event.target !== view.face || !view.range) return
  const acts = {
    ArrowLeft: () => shifted(view, -0.2),
    ArrowRight: () => shifted(view, 0.2),
    "+": () => scaled(view, 0.5),
    "=": () => scaled(view, 0.5),
    "-": () => scaled(view, 2),
    Home: () => reset(view),
    0: () => reset(view),
  }
  if (!acts[event.key]) return
  acts[event.key]()
  event.preventDefault()
}

function wheeled(view, event) {
  if (!event.ctrlKey && !event.metaKey) return
  event.preventDefault()
  scaled(view, event.deltaY > 0 ? 1.25 : 0.8, timeAt(view, event.offsetX))
}

function saved(view) {
  // What is behind the drawing is the page's: a picture of its own needs it.
  const sheet = document.createElement("canvas")
  sheet.width = view.canvas.width
  sheet.height = view.canvas.height
  const pen = sheet.getContext("2d")
  pen.fillStyle = PALETTE[dark(view.parent) ? "dark" : "light"]["@paper"]
  pen.fillRect(0, 0, sheet.width, sheet.height)
  pen.drawImage(view.canvas, 0, 0)
  const link = document.createElement("a")
  link.download = `${view.data.name}.png`
  link.href = sheet.toDataURL("image/png")
  link.click()
}

function tool(view, name, mark, act) {
  const button = text(view.root.querySelector(".tools"), "button", "", mark)
  button.type = "button"
  button.title = name
  button.setAttribute("aria-label", name)
  button.addEventListener("click", () => view.range && act())
}

function mount(root, parent) {
  const part = (name) => root.querySelector(name)
  const view = { root, parent, canvas: part("canvas"), face: part(".face"), box: part(".box"), tip: part(".tip"), legend: part(".legend"), zoom: null }
  view.observer = new ResizeObserver(() => {
    cancelAnimationFrame(view.frame)
    view.frame = requestAnimationFrame(() => view.data && draw(view))
  })
  view.observer.observe(view.canvas)
  view.life = new AbortController()
  const life = { signal: view.life.signal }
  view.face.addEventListener("keydown", (event) => keyed(view, event), life)
  view.canvas.addEventListener("pointerdown", (event) => pressed(view, event), life)
  view.canvas.addEventListener("pointermove", (event) => moved(view, event), life)
  view.canvas.addEventListener("pointerup", (event) => released(view, event), life)
  view.canvas.addEventListener("pointercancel", () => ((view.press = null), (view.box.hidden = true)), life)
  view.canvas.addEventListener("pointerleave", () => (view.tip.hidden = true), life)
  view.canvas.addEventListener("wheel", (event) => wheeled(view, event), { ...life, passive: false })
  tool(view, "Zoom in", "zoom_in", () => scaled(view, 0.5))
  tool(view, "Zoom out", "zoom_out", () => scaled(view, 2))
  tool(view, "Show all", "fit_width", () => reset(view))
  tool(view, "Save as a picture", "photo_camera", () => saved(view))
  SIGHTS.set(root, view)
  return view
}

function unmount(view) {
  view.gone = true
  clearTimeout(view.timer)
  clearTimeout(view.single)
  view.observer.disconnect()
  view.life.abort()
  SIGHTS.delete(view.root)
}

export default function (component) {
  const root = component.parentElement.querySelector(".gemba-lanes")
  const view = SIGHTS.get(root) ?? mount(root, component.parentElement)
  view.send = component
  const spelled = new TextDecoder().decode(component.data)
  const look = getComputedStyle(root).getPropertyValue("--st-background-color")
  if (spelled !== view.spelled || look !== view.look) {
    const revision = view.data?.revision
    if (spelled !== view.spelled) view.data = unpacked(JSON.parse(spelled))
    view.spelled = spelled
    view.look = look
    if (revision !== undefined && revision !== view.data.revision) {
      view.zoom = null
      view.reported = undefined
    }
    root.style.height = `${view.data.height}px`
    view.face.setAttribute("aria-label", view.data.label)
    view.tip.hidden = true
    legend(view)
    draw(view)
  }
  return () => unmount(view)
}

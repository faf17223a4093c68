const VIEWS = new WeakMap()
const NARROW = 520
const DOUBLE_CLICK_MS = 500
const DRAG_PX = 8
const RANGE_KEY = /^([xy]axis\d*)\.(range|autorange)/

function library(source) {
  const pending = (window.gembaPlotly ??= {})
  pending[source] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = source
    script.async = true
    script.onload = () => resolve(window.Plotly)
    script.onerror = () => {
      delete pending[source]
      script.remove()
      reject(new Error("The drawing library did not load."))
    }
    document.head.appendChild(script)
  })
  return pending[source]
}

function channels(color) {
  const probe = document.createElement("canvas").getContext("2d")
  probe.fillStyle = color
  const text = probe.fillStyle
  if (text.startsWith("#")) return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16))
  return text.match(/[\d.]+/g).slice(0, 3).map(Number)
}

function theme(root) {
  const style = getComputedStyle(root)
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim()
  const [red, green, blue] = channels(read("background-color") || "#ffffff")
  const mode = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128 ? "dark" : "light"
  const colors = { ...PALETTE[mode] }
  colors["@text"] = read("text-color") || colors["@text"]
  colors["@paper"] = read("background-color") || colors["@paper"]
  colors["@panel"] = read("secondary-background-color") || colors["@panel"]
  const series = read("chart-categorical-colors")
  const scale = read("chart-sequential-colors")
  return {
    colors,
    font: read("font") || "sans-serif",
    border: read("border-color") || colors["@grid"],
    series: series ? series.split(",") : undefined,
    scale: scale ? scale.split(",") : undefined,
  }
}

function painted(value, colors) {
  if (typeof value === "string") {
    if (!value.startsWith("@")) return value
    const [token, opacity] = value.split("/")
    const color = colors[token]
    if (color === undefined) return value
    return opacity === undefined ? color : `rgba(${channels(color).join(",")},${opacity})`
  }
  if (Array.isArray(value)) return value.map((item) => painted(item, colors))
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, painted(item, colors)]))
}

function template(look, narrow) {
  const { colors } = look
  const axis = {
    automargin: true,
    color: colors["@muted"],
    gridcolor: colors["@grid"],
    linecolor: look.border,
    zerolinecolor: look.border,
    tickfont: { color: colors["@muted"] },
    title: { font: { color: colors["@muted"], size: 12 }, standoff: 8 },
  }
  const steps = look.scale
  return {
    layout: {
      font: { family: look.font, size: narrow ? 11 : 12, color: colors["@text"] },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      colorway: look.series,
      colorscale: steps && { sequential: steps.map((color, at) => [at / (steps.length - 1), color]) },
      xaxis: axis,
      yaxis: axis,
      hoverlabel: {
        bgcolor: colors["@panel"],
        bordercolor: look.border,
        font: { family: look.font, size: 12, color: colors["@text"] },
        align: "left",
      },
      modebar: {
        bgcolor: "rgba(0,0,0,0)",
        color: colors["@muted"],
        activecolor: colors["@accent"],
      },
    },
  }
}

function merged(base, extra) {
  const out = { ...base }
  for (const [key, value] of Object.entries(extra ?? {})) {
    const plain = value !== null && typeof value === "object" && !Array.isArray(value)
    out[key] = plain ? merged(out[key] ?? {}, value) : value
  }
  return out
}

function homeOf(layout, axis) {
  const range = layout[axis]?.range
  return range ? { [`${axis}.range`]: [...range], [`${axis}.autorange`]: false } : { [`${axis}.autorange`]: true }
}

function layoutOf(view, look) {
  const narrow = view.root.clientWidth < NARROW
  const coarse = matchMedia("(pointer: coarse)").matches
  const { title, width, height, meta, ...rest } = view.data.layout
  const layout = painted(narrow ? merged(rest, meta?.narrow) : rest, look.colors)
  view.narrow = narrow
  view.home = structuredClone(layout)
  const zoomed = { ...layout }
  for (const [axis, range] of Object.entries(view.zoom)) {
    if (zoomed[axis]) zoomed[axis] = { ...zoomed[axis], range: [...range], autorange: false }
  }
  return {
    hovermode: "closest",
    dragmode: coarse ? false : "zoom",
    showlegend: false,
    ...zoomed,
    uirevision: view.data.revision,
    autosize: true,
    template: template(look, narrow),
  }
}

function configOf(view, Plotly) {
  const button = (name, title, icon, click) => ({ name, title, icon, click })
  const coarse = matchMedia("(pointer: coarse)").matches
  const { zoom_plus: plus, zoom_minus: minus, home } = Plotly.Icons
  return {
    displaylogo: false,
    displayModeBar: view.data.height < 120 ? false : coarse ? view.data.zoom : "hover",
    doubleClick: false,
    doubleClickDelay: DOUBLE_CLICK_MS,
    responsive: false,
    scrollZoom: false,
    showTips: false,
    toImageButtonOptions: { filename: view.data.name, scale: 2 },
    modeBarButtons: [
      view.data.zoom
        ? [
            button("zoomin", "Zoom in", plus, () => scaled(view, 0.5)),
            button("zoomout", "Zoom out", minus, () => scaled(view, 2)),
            button("home", "Show all", home, () => reset(view)),
            "toImage",
          ]
        : ["toImage"],
    ],
  }
}

function xAxes(view) {
  return Object.keys(view.plot._fullLayout ?? {}).filter((key) => /^xaxis\d*$/.test(key))
}

function moved(view, change) {
  const axis = view.plot._fullLayout?.xaxis
  if (!axis || axis.fixedrange) return
  const [from, to] = axis.range.map(axis.r2l)
  const [start, end] = change(from, to)
  const range = [axis.l2r(start), axis.l2r(end)]
  // At once: data that comes while Plotly still moves must not be drawn over the old range.
  for (const name of xAxes(view)) view.zoom[name] = range
  view.Plotly.relayout(view.plot, Object.fromEntries(xAxes(view).map((name) => [`${name}.range`, range])))
}

function scaled(view, factor) {
  moved(view, (from, to) => {
    const middle = (from + to) / 2
    return [middle - ((to - from) / 2) * factor, middle + ((to - from) / 2) * factor]
  })
}

function reset(view) {
  const axes = Object.keys(view.plot._fullLayout ?? {}).filter((key) => /^[xy]axis\d*$/.test(key))
  view.resetting = true
  view.zoom = {}
  view.Plotly.relayout(view.plot, Object.assign({}, ...axes.map((axis) => homeOf(view.home, axis)))).then(() => {
    view.resetting = false
    report(view, null)
  })
}

function report(view, range) {
  if (!view.data.range) return
  clearTimeout(view.timer)
  view.timer = setTimeout(() => {
    const value = { revision: view.data.revision, x: range }
    const text = JSON.stringify(value)
    if (text === view.reported || view.gone) return
    view.reported = text
    view.send.setStateValue("range", value)
  }, 250)
}

function remember(view, event) {
  if (view.resetting) return
  let changed = false
  for (const key of Object.keys(event ?? {})) {
    const axis = key.match(RANGE_KEY)?.[1]
    if (!axis) continue
    const full = view.plot._fullLayout[axis]
    if (!full) continue
    if (key.endsWith("autorange") && event[key]) delete view.zoom[axis]
    else view.zoom[axis] = [...full.range]
    changed ||= axis.startsWith("x")
  }
  if (changed) report(view, view.zoom.xaxis ?? null)
}

function plain(value) {
  if (ArrayBuffer.isView(value)) return Array.from(value)
  if (Array.isArray(value)) return value.map(plain)
  return value ?? null
}

function clicked(view, event) {
  const point = event?.points?.[0]
  if (!point || !view.data.click) return
  view.send.setTriggerValue("click", {
    kind: "click",
    trace: point.data.name ?? String(point.curveNumber),
    x: plain(point.x),
    y: plain(point.y),
    customdata: plain(point.customdata),
  })
}

function pressed(view, event) {
  if (!view.Plotly || !view.data.zoom || event.target !== view.face) return
  const step = { ArrowLeft: -0.2, ArrowRight: 0.2 }[event.key]
  if (step !== undefined) moved(view, (from, to) => [from + step * (to - from), to + step * (to - from)])
  else if (event.key === "+" || event.key === "=") scaled(view, 0.5)
  else if (event.key === "-") scaled(view, 2)
  else if (event.key === "Home" || event.key === "0") reset(view)
  else return
  event.preventDefault()
}

function hideTools(view) {
  // The plot is hidden from assistive technology, so nothing in it may take the focus.
  for (const part of view.plot.querySelectorAll(".modebar button, .modebar a")) part.setAttribute("tabindex", "-1")
}

function rehovered(view) {
  const at = view.pointer
  const target = at && document.elementFromPoint(at.clientX, at.clientY)
  if (!target || !view.plot.contains(target)) return
  target.dispatchEvent(new MouseEvent("mousemove", { ...at, bubbles: true, view: window }))
}

function held(view, event) {
  clearTimeout(view.release)
  view.held = true
  view.pressed = event
}

function released(view, event) {
  if (!view.held) return
  clearTimeout(view.release)
  // A second click may follow a click, but not a drag.
  const { clientX, clientY } = view.pressed
  const isDrag = Math.hypot(event.clientX - clientX, event.clientY - clientY) > DRAG_PX
  view.release = setTimeout(() => {
    view.held = false
    if (view.waiting) draw(view)
  }, isDrag ? 50 : DOUBLE_CLICK_MS + 50)
}

async function draw(view) {
  // Redrawing under a pressed pointer would take the zoom box out of the person's hand.
  view.waiting = view.held
  if (view.held) return
  const turn = (view.turn = (view.turn ?? 0) + 1)
  try {
    view.Plotly = await library(view.data.source)
    if (view.gone || turn !== view.turn) return
    const look = theme(view.root)
    const traces = painted(view.data.traces, look.colors)
    await view.Plotly.react(view.plot, traces, layoutOf(view, look), configOf(view, view.Plotly))
    if (view.gone) return
    if (!view.listening) {
      view.listening = true
      view.plot.on("plotly_relayout", (event) => remember(view, event))
      view.plot.on("plotly_click", (event) => clicked(view, event))
      view.plot.on("plotly_doubleclick", () => view.data.zoom && reset(view))
    }
    hideTools(view)
    rehovered(view)
    view.root.dataset.state = "ready"
    view.root.dataset.draws = String(Number(view.root.dataset.draws ?? 0) + 1)
  } catch (error) {
    view.root.dataset.state = "failed"
    view.problem.textContent = `This chart could not be drawn: ${error.message} Reload the page, or use the table.`
  }
}

function resized(view) {
  if (!view.Plotly || view.root.dataset.state !== "ready" || view.root.clientWidth === 0) return
  if (view.root.clientWidth < NARROW !== view.narrow) draw(view)
  else view.Plotly.Plots.resize(view.plot)
}

function mount(root) {
  const view = {
    root,
    plot: root.querySelector(".gemba-chart-plot"),
    face: root.querySelector(".gemba-chart-face"),
    heading: root.querySelector(".gemba-chart-title"),
    problem: root.querySelector(".gemba-chart-problem"),
    zoom: {},
  }
  view.observer = new ResizeObserver(() => {
    cancelAnimationFrame(view.frame)
    view.frame = requestAnimationFrame(() => resized(view))
  })
  view.observer.observe(view.plot)
  const life = { signal: (view.life = new AbortController()).signal, capture: true }
  view.face.addEventListener("keydown", (event) => pressed(view, event), life)
  view.plot.addEventListener("pointerdown", (event) => held(view, event), life)
  for (const name of ["pointerup", "pointercancel", "blur"]) window.addEventListener(name, (event) => released(view, event), life)
  view.plot.addEventListener("mousemove", ({ clientX, clientY }) => (view.pointer = { clientX, clientY }), life)
  view.plot.addEventListener("mouseleave", () => (view.pointer = null), { ...life, capture: false })
  VIEWS.set(root, view)
  return view
}

function unmount(view) {
  view.gone = true
  clearTimeout(view.timer)
  clearTimeout(view.release)
  view.observer.disconnect()
  view.life.abort()
  if (view.Plotly) view.Plotly.purge(view.plot)
  VIEWS.delete(view.root)
}

export default function (component) {
  const root = component.parentElement.querySelector(".gemba-chart")
  const view = VIEWS.get(root) ?? mount(root)
  view.send = component
  const text = new TextDecoder().decode(component.data)
  const look = getComputedStyle(root).getPropertyValue("--st-background-color")
  if (text !== view.text || look !== view.look) {
    const revision = view.data?.revision
    view.text = text
    view.look = look
    view.data = JSON.parse(text)
    if (revision !== undefined && revision !== view.data.revision) {
      view.zoom = {}
      view.reported = undefined
    }
    root.style.height = `${view.data.height}px`
    view.face.setAttribute("aria-label", view.data.label)
    view.heading.textContent = view.data.title
    draw(view)
  }
  return () => unmount(view)
}

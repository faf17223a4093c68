"""Pure builders of plotly figures as dicts with colour tokens: frames in, `data` and `layout` out."""

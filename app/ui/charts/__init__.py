"""Charts and lanes: figures as the browser draws them."""

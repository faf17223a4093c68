# One image for every process of Gemba; the command says which.
FROM python:3.11-slim
RUN useradd --create-home --uid 10001 gemba && mkdir /var/lib/gemba && chown gemba /var/lib/gemba
WORKDIR /srv/gemba
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY analytics analytics
COPY app app
COPY data data
COPY pages pages
COPY docs docs
COPY streamlit_app.py ./
ENV GEMBA_HOME=/var/lib/gemba GEMBA_HOST=0.0.0.0 GEMBA_LOG_FORMAT=json PYTHONUNBUFFERED=1
USER gemba
VOLUME /var/lib/gemba
EXPOSE 8501
CMD ["python", "-m", "app", "serve"]

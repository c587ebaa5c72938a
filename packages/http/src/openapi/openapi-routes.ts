import { Hono } from 'hono'
import { generateSpecs } from 'hono-openapi'
import { z } from 'zod'

import manifest from '../../package.json' with { type: 'json' }
import type { ApiContext, ApiEnv } from '../api-context.ts'
import { siblingPath } from '../links.ts'
import { ROUTES } from '../route-table.ts'

// What is in it is the standard's to say.
const documentSchema = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })

type Specs = Awaited<ReturnType<typeof generateSpecs>>

/** The description of the API, made of the routes themselves. @param router Gives the router with all routes. */
export function openApiRoutes({ access }: ApiContext, router: () => Hono<ApiEnv>): Hono<ApiEnv> {
  let specs: Promise<Specs> | undefined
  return new Hono<ApiEnv>().get(ROUTES.getOpenApi.path, access('getOpenApi', documentSchema), async (c) => {
    specs ??= describe(router())
    // The router does not know where it is mounted; the request does.
    return c.json({ ...(await specs), servers: [{ url: siblingPath(c, ROUTES.getOpenApi.path, '') || '/' }] })
  })
}

function describe(router: Hono<ApiEnv>): Promise<Specs> {
  return generateSpecs(router, {
    defaultValidationErrorResponse: false,
    excludeStaticFile: false,
    documentation: {
      info: {
        title: 'Perfect',
        version: manifest.version,
        license: { name: manifest.license, identifier: manifest.license },
        description: 'Durable workflows: flows, runs, logs, workers and client processes of one engine.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'When the host asks who calls; the names are scopes' },
        },
      },
    },
  })
}

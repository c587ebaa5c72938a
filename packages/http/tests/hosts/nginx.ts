/* An nginx in front of a host, as people have it: the API under a longer path, events passed on as they come. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Host } from './servers.ts'

const APT_GET = '/usr/bin/apt-get'

/** Where nginx is; installs it where that is possible. null: there is none here. */
export function findNginx(): string | null {
  const known = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx', '/usr/local/bin/nginx']
  const found = known.find((path) => existsSync(path))
  if (found !== undefined) return found
  if (process.getuid?.() !== 0 || !existsSync(APT_GET)) return null
  try {
    execFileSync(APT_GET, ['install', '-y', '--no-install-recommends', 'nginx-light'], {
      timeout: 60_000,
      stdio: 'ignore',
    })
  } catch {
    return null
  }
  return known.find((path) => existsSync(path)) ?? null
}

/** Starts nginx in front of a host; everything under `/company/flows/` goes to the paths of the host below `/`. */
export async function startNginx(program: string, target: string): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'perfect-nginx-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ')
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log ${join(folder, 'error.log')};
events {}
http {
  access_log off; ${temporary}
  server {
    listen 127.0.0.1:${String(port)};
    location /company/flows/ {
      proxy_pass ${target}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}`,
  )
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${String(port)}`
  await answering(url)
  return {
    url: `${url}/company/flows`,
    close: async () => {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await fetch(url)
      return
    } catch (cause) {
      if (attempt === 100) throw new Error('nginx does not answer.', { cause })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.')
  return address.port
}

import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { SESSION_COOKIE } from '../session/session-cookie';

/** The OpenAPI document of every route. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Diaken')
    .setDescription('Asks for machines, watches runs, keeps what they need.')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API token (POST /tokens).' },
      'token',
    )
    .addCookieAuth(SESSION_COOKIE, { type: 'apiKey', in: 'cookie' }, 'session')
    .addSecurityRequirements('token')
    .addSecurityRequirements('session')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}.${method}`,
  });
  Object.values(document.paths).forEach(nameProblemType);
  return document;
}

type PathItem = OpenAPIObject['paths'][string];

/** Nest documents every answer as application/json. */
function nameProblemType({ get, post, put, patch, delete: remove }: PathItem): void {
  for (const operation of [get, post, put, patch, remove]) {
    const problem = operation?.responses.default;
    if (problem && 'content' in problem && problem.content?.['application/json']) {
      problem.content = { 'application/problem+json': problem.content['application/json'] };
    }
  }
}

/** Serves the document at /api/openapi.json, and pages to read and try it at /api/docs. */
export function describeApi(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, () => openApiOf(app), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'Diaken API',
  });
}

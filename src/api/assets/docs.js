// Shows an OpenAPI document with Swagger UI. Requests always go to the server this page came from,
// whatever address the document names.
'use strict';

(async () => {
  const place = document.getElementById('docs');
  const answer = await fetch(place.dataset.openapi, {headers: {accept: 'application/json'}});
  if (!answer.ok) {
    place.textContent = `The OpenAPI document cannot be read (${answer.status}).`;
    return;
  }
  const spec = await answer.json();
  spec.servers = [{url: window.location.origin}];
  window.SwaggerUIBundle({
    spec,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();

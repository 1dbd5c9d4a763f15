"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null, // or the badge of another site would be loaded
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});

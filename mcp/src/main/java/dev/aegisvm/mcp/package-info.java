/** The MCP server: the tools of a model, on top of the daemon's client. */
@NullMarked
package dev.aegisvm.mcp;

import org.jspecify.annotations.NullMarked;

/** The MCP server: what an agent's tools are, each in a file of its own, on top of the daemon's client. */
@NullMarked
package dev.aegisvm.mcp;

import org.jspecify.annotations.NullMarked;

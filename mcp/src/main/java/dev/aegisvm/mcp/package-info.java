/** The MCP server: the tools of a model, on top of the daemon's client. */
@org.jspecify.annotations.NullMarked
package dev.aegisvm.mcp;

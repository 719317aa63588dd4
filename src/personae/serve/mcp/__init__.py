"""The MCP server: personas as prompts, and interviews, instruments and audits as tools of coding agents."""

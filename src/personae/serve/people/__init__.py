"""Populations of the studio: people in a table that can be counted, mapped, filtered and opened one by one."""

"""What several tests share: a chat server that really listens and can be told to misbehave."""

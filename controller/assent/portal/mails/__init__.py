"""The panel's mails: what is due becomes a message and is sent, and a link in it becomes a question again."""

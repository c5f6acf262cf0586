"""Our own hub (WebSub, sections 5 to 8): who subscribes to our feeds, what they are sent."""

/// Addresses that take anything: /sink/NAME, and whatever is below it.
enum SinkRoutes {
    static func add(to endpoints: Endpoints) {
        for method in [CallMethod.get, .post, .put] {
            for path in ["/{name}", "/{name}/**"] {
                endpoints.add(method, path, "take") { call, world in
                    await world.perform { state in
                        Reply(status: state.sink.take(call, into: call.parameter("name"), at: state.clock.now))
                    }
                }
            }
        }
    }
}

/// Addresses that take anything: /sink/NAME.
enum SinkRoutes {
    static func add(to endpoints: Endpoints) {
        for method in [CallMethod.get, .post, .put] {
            endpoints.add(method, "/{name}", "take") { call, world in
                await world.perform { state in
                    Reply(status: state.sink.take(call, into: call.parameter("name"), at: state.clock.now))
                }
            }
        }
    }
}

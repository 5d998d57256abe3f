/// The tests' own API, which sees the truth and plants what goes wrong.
enum ControlRoutes {
    static func add(to endpoints: Endpoints) {
        addWorld(endpoints)
        addFaults(endpoints)
        addWebhooks(endpoints)
        AlmaControlRoutes.add(to: endpoints)
        StripeControlRoutes.add(to: endpoints)
        PayPalControlRoutes.add(to: endpoints)
        SMSControlRoutes.add(to: endpoints)
        BankControlRoutes.add(to: endpoints)
        addSink(endpoints)
    }

    private static func addWorld(_ endpoints: Endpoints) {
        // What rehearses here asks whether nobody is reached.
        endpoints.add(.get, "/health", "health") { _, _ in .json(["status": "ok", "sandbox": true]) }
        endpoints.add(.get, "/summary", "summary") { _, world in await world.perform { .json($0.summary) } }
        endpoints.add(.get, "/clock", "clock") { _, world in await world.perform { .json($0.clock.json) } }
        endpoints.add(.post, "/clock", "set-clock") { call, world in
            let change = try call.json()
            return await world.perform { state in
                state.clock.apply(change)
                state.catchUpWithTime()
                return .json(state.clock.json)
            }
        }
        endpoints.add(.post, "/reset", "reset") { _, world in
            await world.perform { state in
                state.forget()
                return .noContent
            }
        }
    }

    private static func addFaults(_ endpoints: Endpoints) {
        endpoints.add(.post, "/faults", "add-fault") { call, world in
            let json = try call.json()
            return try await world.perform { .json(try $0.faults.add(json).json, status: 201) }
        }
        endpoints.add(.get, "/faults", "faults") { _, world in
            await world.perform { .json(.list($0.faults.faults.map(\.json))) }
        }
        endpoints.add(.delete, "/faults", "remove-faults") { _, world in
            await world.perform { state in
                state.faults.removeAll()
                return .noContent
            }
        }
        endpoints.add(.post, "/faults/release", "release-faults") { _, world in
            await world.perform { state in
                state.faults.release()
                return .noContent
            }
        }
        endpoints.add(.post, "/faults/{id}/release", "release-fault") { call, world in
            await world.perform { state in
                state.faults.release(Int(call.parameter("id")) ?? 0)
                return .noContent
            }
        }
        endpoints.add(.delete, "/faults/{id}", "remove-fault") { call, world in
            await world.perform { state in
                state.faults.remove(Int(call.parameter("id")) ?? 0)
                return .noContent
            }
        }
    }

    private static func addWebhooks(_ endpoints: Endpoints) {
        endpoints.add(.post, "/webhooks", "add-webhook-rule") { call, world in
            let json = try call.json()
            return try await world.perform { state in
                try state.webhooks.plant(json)
                return .noContent
            }
        }
        endpoints.add(.delete, "/webhooks", "remove-webhook-rules") { _, world in
            await world.perform { state in
                state.webhooks.removeRules()
                return .noContent
            }
        }
        endpoints.add(.post, "/webhooks/release", "release-webhooks") { _, world in
            await world.perform { state in
                state.webhooks.releaseHeld()
                return .noContent
            }
        }
        endpoints.add(.get, "/webhooks", "webhooks") { call, world in
            await world.perform { state in
                let subject = call.query("subject")
                let found = state.webhooks.records.values.filter { subject == nil || $0.subject == subject }
                return .json(.list(found.sorted { $0.id < $1.id }.map(\.json)))
            }
        }
    }

    private static func addSink(_ endpoints: Endpoints) {
        endpoints.add(.get, "/sink/{name}", "sink") { call, world in
            await world.perform { .json($0.sink.seen(call.parameter("name"))) }
        }
        endpoints.add(.post, "/sink/{name}", "plant-sink") { call, world in
            let statuses = try call.json()["statuses"]?.asList?.compactMap { $0.asInteger.map(Int.init) } ?? []
            return await world.perform { state in
                state.sink.plant(statuses, for: call.parameter("name"))
                return .noContent
            }
        }
    }
}

extension SandboxClock {
    fileprivate var json: JSON {
        [
            "now": .integer(now), "today": .text(today.text), "offsetSeconds": .integer(offsetSeconds),
            "frozenAt": .optional(frozenAt),
        ]
    }

    /// Members may be combined; a day is frozen at noon, so that no zone makes another day of it.
    fileprivate mutating func apply(_ change: JSON) {
        if let offset = change["offsetSeconds"]?.asInteger { offsetSeconds = offset }
        if let instant = change["frozenAt"] { frozenAt = instant.asInteger }
        if let date = change["frozenOn"]?.asText.flatMap(CivilDate.init) { frozenAt = date.unixSeconds + 43_200 }
        if let seconds = change["advanceSeconds"]?.asInteger { advance(seconds: seconds) }
        if let days = change["advanceDays"]?.asInteger { advance(seconds: days * 86_400) }
    }
}

extension WorldState {
    /// Starts a new story with the same accounts.
    fileprivate mutating func forget() {
        alma.forgetPayments()
        stripe.forgetPayments()
        paypal.forgetPayments()
        sms.forgetMessages()
        bank = BankState()
        faults = FaultBook()
        webhooks.forget()
        sink = Sink()
        clock = SandboxClock()
    }
}

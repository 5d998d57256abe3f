import HTTPClient
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A message that is called off` {
    /// How it comes to that; the suites of mails, notices, workers and campaigns have the other ways.
    enum Way: CaseIterable {
        case paymentEnded, clientErased, sentAgain, personLeft, tooLate

        /// Why nobody wants it; nil for what its client should have got.
        var reason: String? {
            switch self {
            case .paymentEnded, .sentAgain, .personLeft: "unwanted"
            case .clientErased: "client-erased"
            case .tooLate: nil
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `NOT-10, EVT-1: is told once, as what nobody wants or as what did not come`(way: Way) async throws {
        let stack = try await CampaignBench.shared().stack
        let id = try #require(try await stack.seed(1, by: "held").first)
        for _ in 1...2 {
            try await way.come(to: id, in: stack)
            try await waitUntil("it is called off") { try await stack.message(id).state == "called-off" }
        }
        #expect(try await stack.events(of: id) == [way.reason == nil ? "message-failed" : "message-called-off"])
        #expect(try await stack.callOffs(of: id) == [way.reason].compactMap(\.self))
    }

    @Test func `NOT-6, EVT-1: is told of by a stopped campaign, each once, and of none that left`() async throws {
        let stack = try await NotificationStack.start(["QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay])
        let bench = CampaignBench(stack: stack)
        let server = try await stack.serve()
        // More than two batches.
        let count = try await bench.enter(1_203, in: "all").count
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        try await waitUntil("it is written") { try await bench.callOffs(of: id) == ["ready": count] }
        try await bench.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'sent', left_at = now()
                WHERE id IN (SELECT id FROM message WHERE campaign = \(id) LIMIT 3)
                """)
        }
        #expect(try await bench.steer(id, "stop").status == 200)
        try await bench.waitUntilOver(id)
        #expect(try await bench.callOffs(of: id) == ["called-off campaign-stopped": count - 3, "sent": 3])
        try await server.kill()
    }
}

extension `A message that is called off`.Way {
    fileprivate func come(to id: MessageID, in stack: NotificationStack) async throws {
        switch self {
        case .paymentEnded: try await stack.announceCancellation(of: id)
        case .clientErased: try await erase(clientOf: id, in: stack)
        case .sentAgain:
            try await stack.everybody { transaction in
                try transaction.execute(
                    """
                    UPDATE message SET state = 'uncertain', tries = 1, is_wanted = false
                    WHERE id = \(id) AND state = 'ready'
                    """)
            }
            _ = try await stack.call(.post, "/v1/messages/\(id)/settle", #"{"finding":"send-again"}"#)
        case .personLeft:
            try await stack.everybody { transaction in
                try transaction.execute(
                    """
                    UPDATE message SET contact = gen_random_uuid(), route = 'smsfactor', next_try_at = now()
                    WHERE id = \(id)
                    """)
            }
        case .tooLate:
            try await stack.everybody { transaction in
                try transaction.execute("UPDATE message SET expires_at = now() WHERE id = \(id)")
            }
        }
    }

    private func erase(clientOf id: MessageID, in stack: NotificationStack) async throws {
        let cause = Cause(
            .job(name: "forget", run: "\(IdentifierSource.system.next())"),
            organisation: NotificationStack.organisation, actor: "tests", correlation: CorrelationID(9))
        try await stack.database.change(because: cause) { change in
            let client = try change.one("SELECT client FROM message WHERE id = \(id)") { row in
                try row("client") as ClientID
            }
            try ForgetClient().run(client, in: &change)
        }
    }
}

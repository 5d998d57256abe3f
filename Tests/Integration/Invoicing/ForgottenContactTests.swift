import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import Testing

/// Somebody who is forgotten may be a contact of other clients.
@Suite struct `GEN-7: others' contacts who are a forgotten client` {
    @Test func `GEN-7: goes where another client has the person as a contact, and names who is alike`() async throws {
        let chain = try await Chain.open()
        let told = #""phone":"06 12 34 56 99","email":"wxyz@example.org""#
        let ada: ClientID = try await chain.call(
            .post, "/v1/clients",
            #"{"clinicID":"\#(chain.clinic)","lastName":"Wxyzéra","firstName":"Ada","town":"Lyon",\#(told)}"#
        ).id()
        let luc = try await chain.client()
        let contacts = "/v1/clients/\(luc)/contacts"
        func add(_ json: String) async throws -> ContactID { try await chain.call(.post, contacts, json).id() }
        let same = try await add(#"{"lastName":"WXYZERA","firstName":"Ada","phone":"+33 6 12 34 56 99"}"#)
        let household = try await add(#"{"lastName":"Wxyzéra","firstName":"Léo","phone":"06 12 34 56 99"}"#)
        let namesake = try await add(#"{"lastName":"Wxyzéra","firstName":"Ada","phone":"07 51 23 45 67"}"#)
        let path = "/v1/clients/\(ada)/erasure"
        let preview = try await chain.call(.get, path)
        let done = try await chain.erase(ada)
        #expect(done.status == 200, "\(done.text)")
        for answer in [preview.json, done.json] {
            #expect(answer["removed"]?["contacts"]?.integer == 1)
            #expect(answer["contactsAlike"]?.elements?.map { $0["id"]?.text } == ["\(household)"])
            #expect(answer["contactsAlike"]?.elements?.map { $0["clientID"]?.text } == ["\(luc)"])
        }
        let left = try await chain.call(.get, contacts).json["items"]?.elements
        #expect(left?.map { $0["id"]?.text } == ["\(household)", "\(namesake)"])
        let trail = try await chain.call(.get, "/v1/audit?subject=\(luc)").json["items"]?.elements
        #expect(
            trail?.filter { $0["action"]?.text == "contact-added" }.map { $0["personErased"] == .bool(true) }
                == [false, false, true], "newest first: the others' entries stay")
        #expect(try await chain.traces(of: ["\(same)", "WXYZERA"]) == ["audit_entry"], "its id alone, in the trail")
    }

    @Test func `GEN-7: goes from others' contacts by a number that the client has as it was read before`()
        async throws
    {
        let chain = try await Chain.open()
        let (ada, luc) = try await (chain.client(), chain.client())
        try await chain.keep("+33692123456", of: ada)
        let contacts = "/v1/clients/\(luc)/contacts"
        func add(_ json: String) async throws -> ContactID { try await chain.call(.post, contacts, json).id() }
        let same = try await add(#"{"lastName":"MARTIN","firstName":"Ada","phone":"0692 12 34 56"}"#)
        let household = try await add(#"{"lastName":"Martin","firstName":"Léo","phone":"0692 12 34 56"}"#)
        // Of before the number was kept in another way; it was removed since.
        let gone: ContactID = IdentifierSource.system.make()
        let told = #"{"id":"\#(gone)","lastName":"Martin","firstName":"Ada","phone":"+33692123456"}"#
        try await chain.bench.overseer.execute(
            """
            INSERT INTO audit_entry (id, organisation, subject, action, actor, before)
            VALUES (gen_random_uuid(), \(chain.organisation), \(luc), 'contact-removed', 'ada', \(told))
            """)
        let done = try await chain.erase(ada)
        #expect(done.status == 200 && done.json["removed"]?["contacts"]?.integer == 1, "\(done.text)")
        #expect(done.json["contactsAlike"]?.elements?.map { $0["id"]?.text } == ["\(household)"])
        let trail: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', action, person_erased) FROM audit_entry
            WHERE organisation = \(chain.organisation)
                AND coalesce(after, before)::json ->> 'id' = ANY(\([same, gone].map(\.description)))
            ORDER BY action
            """)
        #expect(trail == ["contact-added t", "contact-removed t"])
    }

    @Test func `GEN-7: goes from others' contacts by what a client had who became it, under either name`()
        async throws
    {
        let chain = try await Chain.open()
        let person = { (name: String, reach: String) in
            #"{"clinicID":"\#(chain.clinic)","lastName":"\#(name)","firstName":"Ada","town":"Lyon",\#(reach)}"#
        }
        let former = #""phone":"06 12 34 56 99","email":"wxyz@example.org""#
        let own = #""phone":"07 51 23 45 67","email":"petit@example.org""#
        let double: ClientID = try await chain.call(.post, "/v1/clients", person("Wxyzéra", former)).id()
        let client: ClientID = try await chain.call(.post, "/v1/clients", person("Petit", own)).id()
        let luc = try await chain.client()
        let contacts = "/v1/clients/\(luc)/contacts"
        for told in [
            #""lastName":"Wxyzéra","firstName":"Ada","phone":"06 12 34 56 99""#,
            #""lastName":"Petit","firstName":"Ada","email":"WXYZ@example.org""#,
            #""lastName":"Wxyzera","firstName":"Ada","phone":"07 51 23 45 67""#,
            #""lastName":"Petit","firstName":"Léo","phone":"06 12 34 56 99""#,
        ] {
            #expect(try await chain.call(.post, contacts, "{\(told)}").status == 201)
        }
        #expect(try await chain.merge(double, into: client).status == 200)
        let done = try await chain.erase(client)
        // What the one had who became it is its own contact since.
        #expect(done.status == 200 && done.json["removed"]?["contacts"]?.integer == 4, "\(done.text)")
        #expect(done.json["contactsAlike"]?.elements?.map { $0["clientID"]?.text } == ["\(luc)"])
        let left = try await chain.call(.get, contacts).json["items"]?.elements
        #expect(left?.map { $0["firstName"]?.text } == ["Léo"])
    }

    /// How a number is another client's, too, by the time at which somebody is forgotten who had it.
    enum Taken: CaseIterable {
        case moved, movedAfterItWasReadAnew, keptInTwoWays
    }

    @Test(arguments: Taken.allCases)
    func `GEN-7: a number that is another client's by now says with a name who is forgotten, and alone says nobody`(
        taken: Taken
    ) async throws {
        let chain = try await Chain.open()
        let (double, client, luc) = try await (chain.client(), chain.client(), chain.client())
        let contacts = "/v1/clients/\(luc)/contacts"
        for name in [#""lastName":"Petit","firstName":"Léo""#, #""lastName":"Martin","firstName":"Ada""#] {
            let contact = #"{\#(name),"phone":"0692 12 34 56"}"#
            #expect(try await chain.call(.post, contacts, contact).status == 201)
        }
        try await chain.keep(taken == .moved ? "+262692123456" : "+33692123456", of: double)
        #expect(try await chain.merge(double, into: client).status == 200)
        switch taken {
        case .moved:
            let move = #"{"toClientID":"\#(luc)"}"#
            let moved = try await chain.call(.post, "/v1/clients/\(client)/phone/move", move, headers: Chain.seen(2))
            #expect(moved.status == 200, "\(moved.text)")
        case .movedAfterItWasReadAnew:
            // The trail of the merge says it as it was read before.
            try await chain.keep(nil, of: client)
            try await chain.keep("+262692123456", of: luc)
        case .keptInTwoWays: try await chain.keep("+262692123456", of: luc)
        }
        let done = try await chain.erase(client)
        #expect(done.status == 200 && done.json["contactsAlike"] == nil, "\(done.text)")
        #expect(done.json["removed"]?["contacts"]?.integer == 1, "\(done.text)")
        let left = try await chain.call(.get, contacts).json["items"]?.elements
        #expect(left?.map { $0["firstName"]?.text } == ["Léo"])
    }
}

import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

@Suite struct `INV-1: phone numbers in invoicing` {
    @Test func `INV-1: are kept in E.164 however they were typed, by the plan of the clinic`() async throws {
        let island = try await Chain.open(timeZone: "Indian/Reunion")
        for (typed, kept, kind) in [
            ("0692 12 34 56", "+262692123456", "mobile"), ("06 12 34 56 78", "+33612345678", "mobile"),
            ("0033 1 42 68 53 00", "+33142685300", "fixed"), ("+32 470/12.34.56", "+32470123456", "mobile"),
        ] {
            let client = try await island.client(phone: typed)
            let found = try await island.call(.get, "/v1/clients/\(client)").json
            #expect(found["phone"]?.text == kept && found["phoneKind"]?.text == kind, "\(typed)")
        }
        let same = try await island.call(
            .post, "/v1/clients",
            #"{"clinicID":"\#(island.clinic)","lastName":"A","firstName":"B","town":"C","phone":"+33612345678"}"#)
        #expect(same.status == 422 && same.text.contains("Another client"), "\(same.text)")
        let owner = try await island.call(.get, "/v1/clients?phone=%2B33612345678").json["items"]?.elements?.first
        let id = try #require(owner?["id"]?.text)
        #expect(same.text.contains("/v1/clients/\(id),"), "it says whose it is: \(same.text)")
    }

    /// Nine digits are a number of Belgium's at the one clinic, and of France's at the other.
    @Test func `INV-1: one that is taken is the client's who has it at the same clinic, whatever it is at others`()
        async throws
    {
        let chain = try await Chain.open()
        let named = #"{"code":"BXL","name":"Clinique","timeZone":"Europe/Brussels"}"#
        let brussels: ClinicID = try await chain.call(.post, "/v1/clinics", named).id()
        let north = Chain(bench: chain.bench, organisation: chain.organisation, clinic: brussels)
        // The same digits, read here and there.
        let typed = "04 70 12 34 56"
        let (here, there) = (try await chain.client(phone: typed), try await north.client(phone: typed))
        for (id, number) in [(here, "+33470123456"), (there, "+32470123456")] {
            #expect(try await chain.call(.get, "/v1/clients/\(id)").json["phone"]?.text == number)
        }
        let person = #""lastName":"A","firstName":"B","town":"C","phone":"\#(typed)"}"#
        for (place, owner) in [(chain, here), (north, there)] {
            let new = try await chain.call(.post, "/v1/clients", #"{"clinicID":"\#(place.clinic)",\#(person)"#)
            #expect(new.status == 422 && new.text.contains("/v1/clients/\(owner),"), "\(new.text)")
            let other = try await place.client()
            let changed = try await chain.call(.put, "/v1/clients/\(other)", "{\(person)", headers: Chain.seen())
            #expect(changed.status == 422 && changed.text.contains("/v1/clients/\(owner),"), "\(changed.text)")
        }
    }

    @Test func `INV-1: find a client as they are typed, at the till too`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client(phone: "06 12 34 56 78")
        for typed in ["06%2012%2034%2056%2078", "%2B33612345678", "0033612345678"] {
            let found = try await chain.call(.get, "/v1/clients?phone=\(typed)").json["items"]?.elements
            #expect(found?.map { $0["id"]?.text } == ["\(client)"], "\(typed)")
        }
        #expect(try await chain.call(.get, "/v1/clients?phone=06").status == 422)
        let taken = try await chain.call(
            .post, "/v1/collections",
            """
            {"phone":"06.12.34.56.78","clinicID":"\(chain.clinic)","method":"card","collectedOn":"2026-11-20",
             "amount":{"minorUnits":100,"currency":"EUR"}}
            """)
        #expect(taken.json["clientID"]?.text == "\(client)", "\(taken.text)")
    }

    @Test(
        arguments: [
            ("06 39 01 23 45", "+33 6 39 01 23 45"), ("+33692123456", "0692 12 34 56"),
            ("06 39 98 10 01", "+33639981001"),
        ])
    func `INV-1: of France find a client with the country of the mainland before them, too`(
        kept: String, other: String
    ) async throws {
        let chain = try await Chain.open()
        let client = try await chain.client(phone: kept)
        for typed in [kept, other] {
            let escaped = typed.replacing("+", with: "%2B").replacing(" ", with: "%20")
            for query in ["phone=\(escaped)", "search=\(escaped)"] {
                let found = try await chain.call(.get, "/v1/clients?\(query)").json["items"]?.elements
                #expect(found?.map { $0["id"]?.text } == ["\(client)"], "\(query)")
            }
        }
        let again = #""clinicID":"\#(chain.clinic)","lastName":"A","firstName":"B","town":"C","phone":"\#(other)""#
        #expect(try await chain.call(.post, "/v1/clients", "{\(again)}").status == 422, "it is one number")
    }

    @Test func `INV-1: one kept as it was read before finds its client at the till and by a file, who is made once`()
        async throws
    {
        let chain = try await Chain.open()
        let (old, new) = (try await chain.client(), try await chain.client())
        let collect = {
            try await chain.call(
                .post, "/v1/collections",
                """
                {"phone":"0692 12 34 56","clinicID":"\(chain.clinic)","method":"card","collectedOn":"2026-11-20",
                 "amount":{"minorUnits":100,"currency":"EUR"}}
                """
            ).json["clientID"]?.text
        }
        try await chain.keep("+33692123456", of: old)
        #expect(try await collect() == "\(old)")
        let person = #""lastName":"Martin","firstName":"Ada","town":"Lyon","phone":"0692 12 34 56""#
        let again = try await chain.call(.post, "/v1/clients", #"{"clinicID":"\#(chain.clinic)",\#(person)}"#)
        let other = try await chain.call(.put, "/v1/clients/\(new)", "{\(person)}", headers: Chain.seen())
        for refused in [again, other] {
            #expect(refused.status == 422 && refused.text.contains("/v1/clients/\(old),"), "\(refused.text)")
        }
        let header = "client_ref;clinic_code;client_last_name;client_first_name;client_phone\n"
        let file = Array((header + "C1;LILAS;Martin;Ada;0692 12 34 56\n").utf8)
        #expect(try await chain.takeFile(file, kind: "clients") == "done: 1 read 0 added 1 there 0 refused")
        // Who has it as it is read is meant before who has it as it was read, with a reference or without.
        try await chain.keep("+262692123456", of: old)
        try await chain.keep("+33692123456", of: new)
        #expect(try await collect() == "\(old)")
        try await chain.keep(nil, of: new)
        try await chain.keep("+33692123456", of: old)
        try await chain.keep("+262692123456", of: new)
        #expect(try await collect() == "\(new)")
        #expect(try await chain.merge(new, into: old).status == 200)
        #expect(try await collect() == "\(old)")
        let kept = try await chain.call(.get, "/v1/clients/\(old)").json
        #expect(kept["phone"]?.text == "+262692123456" && kept["reference"]?.text == "C1", "\(kept)")
        #expect(try await chain.call(.get, "/v1/clients/\(old)/contacts").json["items"]?.elements?.count == 0)
    }

    @Test(
        arguments: [
            ("06 12 34 56", "too few digits"), ("06 12 34 56 78 90", "too many digits"), ("Rocky", "no phone number"),
            ("+999 12 34 56 78", "No country"), ("07 20 12 34 56", "begins like this"),
            ("06 12 34 56 78 #2", "an extension"),
        ])
    func `INV-1: that are none are refused with the reason, and nothing is stored`(
        text: String, reason: String
    ) async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let json = #"{"lastName":"Martin","firstName":"Ada","town":"Lyon","phone":"\#(text)"}"#
        let tries = [
            try await chain.call(.put, "/v1/clients/\(client)", json, headers: Chain.seen()),
            try await chain.call(.post, "/v1/clients", #"{"clinicID":"\#(chain.clinic)",\#(json.dropFirst())"#),
            try await chain.call(
                .post, "/v1/clients/\(client)/contacts", #"{"lastName":"X","firstName":"Y","phone":"\#(text)"}"#),
        ]
        for answer in tries {
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == "/phone", "\(answer.text)")
            #expect(error?["reason"]?.text?.contains(reason) == true && error?["remedy"]?.text?.isEmpty == false)
        }
        #expect(try await chain.call(.get, "/v1/clients").json["items"]?.elements?.count == 1)
    }
}

extension Chain {
    /// Leaves a client with a number in this way, as migrations do where another client has it in theirs.
    func keep(_ phone: String?, of client: ClientID) async throws {
        try await bench.overseer.execute("UPDATE client SET phone = \(phone) WHERE id = \(client)")
    }
}

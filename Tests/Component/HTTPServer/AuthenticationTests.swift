import HTTPServer
import PaymentModel
import Testing

@Suite struct `Finding out who is asking` {
    static let now = Instant(secondsSince1970: 1_795_000_000)
    let rules = TokenRules(issuer: "quittance", audience: "quittance", leeway: .seconds(30))

    func verifier(_ keys: [SigningKey], at instant: Instant = now) async throws -> TokenVerifier {
        let first = try KeySet(jwks: keys[0].publicKeySet)
        let all = keys.dropFirst().reduce(first) { $0.adding($1) }
        return await TokenVerifier(try KeySet(jwks: all.text), rules: rules, time: .fixed(instant))
    }

    func problem(_ token: String, _ verifier: TokenVerifier) async -> Problem? {
        do throws(Problem) {
            _ = try await verifier.authenticate(bearer: token)
            return nil
        } catch {
            return error
        }
    }

    @Test func `gives back the principal a token was made for`() async throws {
        let key = try SigningKey.generate(id: "k1")
        for clinics in [ClinicAccess.all, .some([ClinicID(3), ClinicID(4)]), .some([])] {
            let principal = Callers.principal(role: .frontDesk, clinics: clinics)
            let token = try await key.mint(principal, rules: rules, from: Self.now, lifetime: .seconds(60))
            #expect(try await verifier([key]).authenticate(bearer: token) == principal)
        }
    }

    @Test func `knows several keys, so that one can follow another`() async throws {
        let (old, new) = (try SigningKey.generate(id: "old"), try SigningKey.generate(id: "new"))
        let verifier = try await verifier([old, new])
        for key in [old, new] {
            let token = try await key.mint(Callers.principal(), rules: rules, from: Self.now, lifetime: .seconds(60))
            #expect(await problem(token, verifier) == nil)
        }
    }

    @Test func `lets a key that a service holds say no more than that service needs`() async throws {
        let key = try SigningKey.generate(id: "k1")
        let limited = key.publicKeySet.replacing(
            "\"kid\"", with: "\"roles\":[\"service\"],\"scopes\":[\"payments:recipients\"],\"kid\"")
        // Written and read again, as a rotation does.
        let keys = try KeySet(jwks: try KeySet(jwks: limited).text)
        let verifier = await TokenVerifier(keys, rules: rules, time: .fixed(Self.now))
        for (role, scopes, isGood) in [
            (Role.service, ["payments:recipients"], true), (.manager, ["payments:recipients"], false),
            (.service, ["payments:recipients", "invoices:write"], false),
        ] {
            let principal = Callers.principal(role: role, scopes: Set(scopes.map { Scope($0) }))
            let token = try await key.mint(principal, rules: rules, from: Self.now, lifetime: .seconds(60))
            #expect((await problem(token, verifier) == nil) == isGood, "\(role) \(scopes)")
        }
    }

    @Test func `refuses a token of another key, also one that names a known key`() async throws {
        let (known, stranger) = (try SigningKey.generate(id: "k1"), try SigningKey.generate(id: "k1"))
        let token = try await stranger.mint(Callers.principal(), rules: rules, from: Self.now, lifetime: .seconds(60))
        #expect(await problem(token, try await verifier([known]))?.code == .notAuthenticated)
    }

    @Test func `takes the leeway of clocks into account, to either side`() async throws {
        let key = try SigningKey.generate(id: "k1")
        let token = try await key.mint(Callers.principal(), rules: rules, from: Self.now, lifetime: .seconds(60))
        for (seconds, isGood) in [(-31, false), (-30, true), (0, true), (90, true), (91, false)] {
            let verifier = try await verifier([key], at: Self.now.adding(.seconds(seconds)))
            #expect((await problem(token, verifier) == nil) == isGood, "\(seconds) s")
        }
    }

    @Test func `refuses tokens made by or for others`() async throws {
        let key = try SigningKey.generate(id: "k1")
        let verifier = try await verifier([key])
        for other in [TokenRules(issuer: "x", audience: "quittance"), TokenRules(issuer: "quittance", audience: "x")] {
            let token = try await key.mint(Callers.principal(), rules: other, from: Self.now, lifetime: .seconds(60))
            #expect(await problem(token, verifier)?.code == .notAuthenticated)
        }
    }

    @Test(arguments: ["", "a.b.c", "...", "eyJhbGciOiJub25lIn0.e30.", String(repeating: "x", count: 10_000)])
    func `refuses what is no token`(token: String) async throws {
        let problem = await problem(token, try await verifier([try SigningKey.generate(id: "k1")]))
        #expect(problem?.code == .notAuthenticated)
        #expect(problem?.headers["WWW-Authenticate"]?.contains("invalid_token") == true)
    }

    @Test func `refuses a token of which anything was changed`() async throws {
        let key = try SigningKey.generate(id: "k1")
        let verifier = try await verifier([key])
        let token = try await key.mint(Callers.principal(), rules: rules, from: Self.now, lifetime: .seconds(60))
        for position in stride(from: 0, to: token.count - 2, by: 7) {
            var letters = Array(token)
            letters[position] = letters[position] == "A" ? "B" : "A"
            let changed = String(letters)
            guard changed != token else { continue }
            #expect(await problem(changed, verifier)?.code == .notAuthenticated, "at \(position)")
        }
    }

    @Test(arguments: [
        "", "{}", "{\"keys\": []}", "{\"keys\": [{\"kid\": \"a\", \"kty\": \"RSA\"}]}",
        "{\"keys\": [{\"kid\": \"a\", \"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"short\"}]}",
    ])
    func `refuses keys it can't use, with the reason`(text: String) {
        let error = #expect(throws: KeyError.self) { try KeySet(jwks: text) }
        #expect(error?.description.isEmpty == false)
    }

    @Test func `refuses a private key where a public one belongs, and never shows it`() throws {
        let key = try SigningKey.generate(id: "k1")
        let error = #expect(throws: KeyError.self) { try KeySet(jwks: "{\"keys\":[\(key.privateKeyText)]}") }
        #expect(error?.description.contains("private key") == true)
        #expect(try SigningKey(jwk: key.privateKeyText).publicKeySet == key.publicKeySet)
        let secret = try #require(try JSONParser.parse(Array(key.privateKeyText.utf8))["d"]?.text)
        #expect(!"\(key)".contains(secret))
    }
}

@Suite struct `Letting a caller pass` {
    let target = "/v1/invoices/overdue"

    @Test func `asks for a token and says how`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        for header in ["Basic abc", "Bearer", "Bearer a b", ""] {
            let answer = try await client.call(.get, target, headers: ["Authorization": header])
            #expect(answer.status == 401)
            #expect(answer.headers["WWW-Authenticate"] == "Bearer realm=\"quittance\"")
        }
    }

    @Test func `names the role that is missing`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let answer = try await client.call(.get, target, as: Callers.principal(role: .frontDesk))
        #expect(answer.status == 403)
        #expect(answer.json["detail"]?.text?.contains("accountant, manager") == true)
    }

    @Test func `names the scope that is missing`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let answer = try await client.call(.get, target, as: Callers.principal(scopes: ["invoices:write"]))
        #expect(answer.status == 403)
        #expect(answer.json["detail"]?.text?.contains("invoices:read") == true)
    }

    @Test func `keeps a caller to its clinics`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let caller = Callers.principal(clinics: .some([Callers.clinic]))
        let own = try await client.call(
            .put, "/v1/clinics/\(Callers.clinic)", as: caller, headers: ["If-Match": "\"v3\""])
        #expect(own.status == 204)
        let other = try await client.call(.put, "/v1/clinics/\(ClinicID(12))", as: caller)
        #expect(other.problem == "clinic-not-allowed")
    }
}

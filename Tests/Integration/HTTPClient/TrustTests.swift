import HTTPClient
import TestSupport
import Testing

@Suite struct `Trusting servers` {
    private func client(trusting folder: TemporaryFolder?) -> HTTPClient {
        var settings = HTTPClientSettings()
        settings.trustedCertificates = folder.map { $0.path + "/ca.pem" }
        return HTTPClient(settings, logger: quiet)
    }

    private func outcome(_ client: HTTPClient, _ url: String) async -> HTTPClientError? {
        await failure { () throws(HTTPClientError) in try await client.send(HTTPRequest(.post, url)) }
    }

    @Test func `a private CA is trusted once it is given, and the system's no more`() async throws {
        let folder = try MisbehavingServer.certificates(host: "localhost")
        let server = try MisbehavingServer(certificates: folder)
        let other = try MisbehavingServer.certificates(host: "localhost")
        #expect(await outcome(client(trusting: folder), server.url("/hello")) == nil)
        #expect(await outcome(client(trusting: nil), server.url("/hello")) == .neverSent(.certificateRefused))
        #expect(await outcome(client(trusting: other), server.url("/hello")) == .neverSent(.certificateRefused))
    }

    @Test func `a certificate for another name is refused`() async throws {
        let folder = try MisbehavingServer.certificates(host: "other.example")
        let server = try MisbehavingServer(certificates: folder)
        #expect(await outcome(client(trusting: folder), server.url("/hello")) == .neverSent(.certificateRefused))
    }

    @Test func `a file of certificates that is not there is a matter of settings`() async throws {
        let server = try MisbehavingServer(certificates: try MisbehavingServer.certificates(host: "localhost"))
        let empty = try TemporaryFolder()
        #expect(await outcome(client(trusting: empty), server.url("/hello")) == .neverSent(.settingsRefused))
    }

    @Test(arguments: ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "0.0.0.0", "[::ffff:127.0.0.1]"])
    func `a client for outside URLs reaches no private address`(_ host: String) async throws {
        let server = try MisbehavingServer()
        var settings = HTTPClientSettings()
        settings.route = .directToPublicAddressesOnly
        let client = HTTPClient(settings, logger: quiet)
        #expect(await outcome(client, "http://\(host):\(server.port)/hello") == .neverSent(.addressDenied))
    }

    @Test(arguments: [
        ("10.0.0.1", false), ("100.64.0.1", false), ("100.128.0.1", true), ("169.254.169.254", false),
        ("172.15.0.1", true), ("172.16.0.1", false), ("172.32.0.1", true), ("192.168.1.1", false), ("224.0.0.1", false),
        ("255.255.255.255", false), ("8.8.8.8", true), ("198.18.0.1", false), ("203.0.113.9", false),
        ("1.1.1.1", true), ("223.255.255.255", true), ("0.1.2.3", false), ("127.255.255.255", false),
    ])
    func `public addresses of IPv4`(_ text: String, _ isPublic: Bool) {
        let address = text.split(separator: ".").compactMap { UInt32($0) }.reduce(0) { $0 << 8 | $1 }
        #expect(PublicAddress.isPublic(address) == isPublic)
    }

    @Test(arguments: [
        ("00000000000000000000000000000001", false), ("fe800000000000000000000000000001", false),
        ("fd000000000000000000000000000001", false), ("00000000000000000000ffff7f000001", false),
        ("0064ff9b00000000000000007f000001", false), ("20010db8000000000000000000000001", false),
        ("20020000000000000000000000000001", false), ("20010000000000000000000000000001", false),
        ("2a000000000000000000000000000001", true), ("20014860486000000000000000008888", true),
        ("3fff0000000000000000000000000001", false), ("ff020000000000000000000000000001", false),
    ])
    func `public addresses of IPv6`(_ digits: String, _ isPublic: Bool) throws {
        #expect(PublicAddress.isPublic(try #require(UInt128(digits, radix: 16))) == isPublic)
    }
}

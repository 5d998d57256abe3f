import HTTPServer
import Testing

@Suite struct `Comparing a description with the routes` {
    let routes = [
        Route(
            .post, "/v1/invoices/{invoiceID}/issue", operation: "issueInvoice",
            access: .roles([.manager, .frontDesk], scope: "invoices:write"), idempotency: .required
        ) { _ in .empty() },
        Route(.get, "/v1/pay/{token}", operation: "openPayPage", access: .open(because: "it is the client's")) { _ in
            .empty()
        },
    ]

    let good = """
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
         "components": {
           "parameters": {"key": {"name": "Idempotency-Key", "in": "header", "required": true}},
           "responses": {"problem": {"content": {"application/problem+json": {}}}}},
         "paths": {
           "/v1/invoices/{invoiceID}/issue": {"post": {"operationId": "issueInvoice",
             "x-roles": ["manager", "front-desk"], "x-scope": "invoices:write",
             "parameters": [{"name": "invoiceID", "in": "path"}, {"$ref": "#/components/parameters/key"}],
             "responses": {"200": {}, "default": {"$ref": "#/components/responses/problem"}}}},
           "/v1/pay/{token}": {"get": {"operationId": "openPayPage", "security": [],
             "parameters": [{"name": "token", "in": "path"}],
             "responses": {"200": {}, "404": {"content": {"application/problem+json": {}}}}}}}}
        """

    @Test func `finds nothing when they agree`() throws {
        #expect(try OpenAPICheck(good, routes).differences() == [])
    }

    @Test(arguments: [
        ("\"3.1.0\"", "\"3.0.0\"", "openapi is"), ("\"issueInvoice\"", "\"issue\"", "operationId is issue"),
        ("\"manager\", ", "", "x-roles is"), ("invoices:write", "invoices:read", "x-scope is"),
        ("\"security\": [],", "", "security should be []"),
        ("{\"name\": \"token\", \"in\": \"path\"}", "", "path parameters"),
        (", {\"$ref\": \"#/components/parameters/key\"}", "", "Idempotency-Key"),
        ("/v1/pay/{token}", "/v1/page/{token}", "is served and not described"),
        ("/v1/pay/{token}", "/v1/page/{token}", "is described and not served"),
        ("{\"content\": {\"application/problem+json\": {}}}}}}", "{}}}}", "are not application/problem+json"),
        ("\"404\": {\"content\": {\"application/problem+json\": {}}}", "\"201\": {}", "no problem response"),
    ])
    func `finds each planted difference`(text: String, replacement: String, expected: String) throws {
        var changed = good
        let range = try #require(changed.firstRange(of: text))
        changed.replaceSubrange(range, with: replacement)
        let differences = try OpenAPICheck(changed, routes).differences()
        #expect(differences.contains { $0.contains(expected) }, "\(differences)")
    }
}

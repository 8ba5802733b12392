using System.Net;
using FedRec.Contracts.Recommendations;

namespace Shop;

/// <summary>The shop's own page.</summary>
internal static class Page
{
    public static IResult For(string customer) => Results.Redirect($"/?customer={Uri.EscapeDataString(customer)}");

    public static IResult Home(ShopDatabase shop, Customer? customer, RecommendationAnswer? advice)
    {
        var products = shop.Products();
        var shelves = string.Concat(products.GroupBy(product => product.Kind).Select(shelf =>
            $"<h3>{Text(shelf.Key)}</h3><ul>{string.Concat(shelf.Select(product => $"<li>{Text(product.Title)}{Buy(customer, product.Id)}</li>"))}</ul>"));
        var visitors = string.Concat(shop.SomeCustomers().Select(one => $"<a href=\"/?customer={Text(one.Id)}\">{Text(one.Name)}</a> "));
        return Results.Content($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>The Corner Shop</title>
            <style>body{font-family:Georgia,serif;max-width:60rem;margin:2rem auto;padding:0 1rem}main{display:grid;grid-template-columns:2fr 1fr;gap:2rem}
            aside{background:#f6f1e7;padding:1rem;border-radius:.5rem}form{display:inline}button{margin-left:.5rem}small{color:#555;display:block}</style></head>
            <body><h1>The Corner Shop</h1>
            <p>{{(customer is null ? $"Who are you? {visitors}" : $"Good day, {Text(customer.Name)}! <a href=\"/\">Not you?</a>")}}</p>
            <form method="post" action="/customers"><label>New here? <input name="name" required maxlength="100" placeholder="your name"></label><button>Come in</button></form>
            <main><section><h2>Our products</h2>{{shelves}}</section>
            {{(customer is null ? "" : $"<aside><h2>For you</h2>{Advice(customer, advice)}</aside>")}}
            </main></body></html>
            """, "text/html; charset=utf-8");
    }

    private static string Advice(Customer customer, RecommendationAnswer? advice)
    {
        if (advice is null)
        {
            return "<p>We do not know our customers' taste yet.</p>";
        }

        var words = advice.Outcome is RecommendationOutcome.Found ? "" : "<p>What most customers order:</p>";
        return words + $"<ol>{string.Concat(advice.Items.Select(item => $"<li>{Text(item.Title)}{Buy(customer, item.Item)}<small>{Why(item)}</small></li>"))}</ol>";
    }

    private static string Why(RecommendedItem item)
    {
        var own = item.Reasons.Where(reason => reason.Part > 0).Take(2).Select(reason => Text(reason.Title)).ToList();
        return own.Count == 0 ? "" : $"because you ordered {string.Join(" and ", own)}";
    }

    private static string Buy(Customer? customer, string product) => customer is null ? ""
        : $"<form method=\"post\" action=\"/orders\"><input type=\"hidden\" name=\"customer\" value=\"{Text(customer.Id)}\"><input type=\"hidden\" name=\"product\" value=\"{Text(product)}\"><button>Order</button></form>";

    private static string Text(string words) => WebUtility.HtmlEncode(words);
}

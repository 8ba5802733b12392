using FedRec.Hosting;
using FedRec.Web;
using Shop;

// A shop with customers and orders of its own, to which FedRec is a guest: one line for the recommender, one for its pages.
var builder = WebApplication.CreateBuilder(args);
var folder = Path.GetFullPath(builder.Configuration["Shop:Folder"] ?? "shop-data");
builder.AddFedRec(options => options.Storage.Folder = Path.Combine(folder, "fedrec"));
builder.Services.AddFedRecWeb();
builder.Services.AddSingleton(new ShopDatabase(Path.Combine(folder, "shop.db")));
builder.Services.AddSingleton<Adviser>();

var app = builder.Build();
app.MapFedRec("/staff/fedrec").RequireHost("localhost", "127.0.0.1"); // a shop with accounts writes .RequireAuthorization("staff")

app.MapGet("/", async (ShopDatabase shop, Adviser adviser, CancellationToken cancellationToken, string? customer = null) =>
{
    var known = customer is null ? null : shop.FindCustomer(customer);
    return known is null
        ? Page.Home(shop, null, null)
        : Page.Home(shop, known, await adviser.AdviseAsync(known.Id, cancellationToken));
});

app.MapPost("/customers", async (HttpRequest request) =>
{
    var name = (await request.ReadFormAsync())["name"].ToString().Trim();
    return name.Length is 0 or > 100 ? Results.BadRequest("A name of 1 to 100 characters is needed.") : Page.For(app.Services.GetRequiredService<ShopDatabase>().AddCustomer(name).Id);
});

app.MapPost("/orders", async (HttpRequest request, ShopDatabase shop, Adviser adviser, CancellationToken cancellationToken) =>
{
    var form = await request.ReadFormAsync(cancellationToken);
    var (customer, product) = (shop.FindCustomer(form["customer"].ToString()), shop.FindProduct(form["product"].ToString()));
    if (customer is null || product is null)
    {
        return Results.NotFound("There is no such customer or product.");
    }

    var order = shop.AddOrder(customer.Id, product.Id, DateTimeOffset.UtcNow); // the shop's own record comes first
    await adviser.TellAsync(order, cancellationToken);
    return Page.For(customer.Id);
});

// Run by hand or by a nightly job: takes all orders into the next version.
app.MapPost("/learn", async (Adviser adviser, CancellationToken cancellationToken) => Results.Text($"version {await adviser.LearnAsync(cancellationToken)}\n"));

app.Run();

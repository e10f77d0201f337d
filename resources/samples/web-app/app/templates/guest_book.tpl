<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Guest book</title>
  </head>
  <body>
    <h1>Guest book</h1>
    <form method="post">
      <input name="name" aria-label="Your name" />
      <button>Sign</button>
    </form>
    <ul>
      % for name in entries:
      <li>{{name}}</li>
      % end
    </ul>
  </body>
</html>
